import fc from 'fast-check';
import { describe, expect, it } from 'vitest';
import { Form } from '../../../src/simulator/account/form.js';
import { page } from '../../../src/simulator/account/paging.js';

interface Page {
  readonly things: readonly { readonly sid: string }[];
  readonly next_page_uri: string | null;
  readonly previous_page_uri: string | null;
}

const PATH = '/2010-04-01/Accounts/AC1/Things.json';
const ask = (things: readonly { sid: string }[], uri: string): Page =>
  page('things', things, PATH, new Form(uri.split('?')[1] ?? '')) as Page;

describe('pages', () => {
  it('are those that Twilio’s answers describe', () => {
    const things = ['a', 'b', 'c'].map((sid) => ({ sid }));
    expect(page('things', things, PATH, new Form('PageSize=2&To=%2B1555'))).toEqual({
      things: [{ sid: 'a' }, { sid: 'b' }],
      page: 0,
      page_size: 2,
      start: 0,
      end: 1,
      uri: `${PATH}?To=%2B1555&PageSize=2&Page=0`,
      first_page_uri: `${PATH}?To=%2B1555&PageSize=2&Page=0`,
      next_page_uri: `${PATH}?To=%2B1555&PageSize=2&Page=1&PageToken=PAb`,
      previous_page_uri: null,
    });
    expect(page('things', [], PATH, new Form(''))).toMatchObject({ things: [], page_size: 50, start: 0, end: 0 });
    expect(page('things', [], PATH, new Form('PageSize=5000'))).toMatchObject({ page_size: 1000 });
  });

  it('give everything once, forwards and back, whatever their size', () => {
    fc.assert(
      fc.property(fc.integer({ min: 0, max: 20 }), fc.integer({ min: 1, max: 7 }), (count, size) => {
        const things = Array.from({ length: count }, (_, at) => ({ sid: `X${at}` }));
        const forwards: Page[] = [];
        for (let uri: string | null = `${PATH}?PageSize=${size}`; uri !== null; uri = forwards.at(-1)!.next_page_uri) {
          forwards.push(ask(things, uri));
        }
        expect(forwards.flatMap((each) => each.things)).toEqual(things);
        const back: Page[] = [forwards.at(-1)!];
        for (let uri = back[0]!.previous_page_uri; uri !== null; uri = back.at(-1)!.previous_page_uri) {
          back.push(ask(things, uri));
        }
        expect(back.reverse().flatMap((each) => each.things)).toEqual(things);
      }),
    );
  });
});
