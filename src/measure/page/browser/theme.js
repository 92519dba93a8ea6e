/**
 * A colour of theme.css, light or dark as the page is now.
 *
 * @param {string} name
 */
export function colour(name) {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

/** `m:ss`, with as many decimals as the grid of the axis needs. */
export function clockText(ms, decimals = 0) {
  const factor = 10 ** decimals;
  const rounded = Math.round((ms / 1000) * factor) / factor;
  const minutes = Math.floor(rounded / 60);
  const rest = (rounded - minutes * 60).toFixed(decimals);
  return `${minutes}:${rest.padStart(decimals > 0 ? decimals + 3 : 2, '0')}`;
}
