import { byId } from './elements.js';
import { fillCalls } from './report-calls.js';
import { Distributions } from './report-plots.js';
import { fillTables } from './report-tables.js';

function openReport() {
  const data = JSON.parse(byId('data').textContent);
  fillTables(data);
  fillCalls(data.calls);
  const distributions = new Distributions(data.distributions);
  distributions.draw();
  let width = document.body.clientWidth;
  new ResizeObserver(() => {
    if (document.body.clientWidth === width) return;
    width = document.body.clientWidth;
    distributions.draw();
  }).observe(document.body);
  matchMedia('(prefers-color-scheme: dark)').addEventListener('change', () => distributions.draw());
  document.documentElement.dataset.ready = 'yes';
}

openReport();
