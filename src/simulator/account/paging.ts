import type { Form } from './form.js';
import { refuse } from './refusals.js';

const DEFAULT_SIZE = 50;
const LARGEST_SIZE = 1000;

/**
 * One page of a list as Twilio gives it: `{<name>: […], page, page_size, start, end, uri, first_page_uri, next_page_uri,
 * previous_page_uri}`. Pages are reached by the addresses in the answer; their token names the resource before the page.
 */
export function page<Resource extends { readonly sid?: string; readonly call_sid?: string }>(
  name: string,
  resources: readonly Resource[],
  path: string,
  query: Form,
): object {
  const size = query.whole('PageSize', 1, Number.MAX_SAFE_INTEGER) ?? DEFAULT_SIZE;
  const pageSize = Math.min(size, LARGEST_SIZE);
  const number = query.whole('Page', 0, Number.MAX_SAFE_INTEGER) ?? 0;
  const keyOf = (resource: Resource | undefined): string => `PA${resource?.sid ?? resource?.call_sid ?? ''}`;
  const start = number * pageSize;
  const token = query.filled('PageToken');
  if (token !== undefined && !resources.some((each) => keyOf(each) === token)) throw refuse('pageToken');
  const shown = resources.slice(start, start + pageSize);

  const address = (to: number, before?: Resource): string => {
    const fields = new URLSearchParams(query.entries().filter(([field]) => !field.startsWith('Page')));
    fields.set('PageSize', String(pageSize));
    fields.set('Page', String(to));
    if (before) fields.set('PageToken', keyOf(before));
    return `${path}?${fields}`;
  };
  const isLast = start + pageSize >= resources.length;
  return {
    [name]: shown,
    page: number,
    page_size: pageSize,
    start,
    end: Math.max(start, start + shown.length - 1),
    uri: address(number),
    first_page_uri: address(0),
    next_page_uri: isLast ? null : address(number + 1, shown.at(-1)),
    previous_page_uri: number === 0 ? null : address(number - 1, resources[(number - 1) * pageSize - 1]),
  };
}
