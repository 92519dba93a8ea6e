import type { ConfigShape, RouteShape } from './shape.js';

/** What is known of a call when it is decided who answers. */
export interface Asked {
  readonly to?: string | undefined;
  readonly path?: string | undefined;
  /** The `<Parameter>` of the name `agent`. */
  readonly parameter?: string | undefined;
}

/** Which agent answers which call: the first route that fits. Every call fits one. */
export class Routes {
  readonly #routes: readonly RouteShape[];
  readonly #reachable: ReadonlySet<string>;

  constructor({ agents, routes, lookup }: Pick<ConfigShape, 'agents' | 'routes' | 'lookup'>) {
    const names = Object.keys(agents);
    this.#routes = routes ?? [{ agent: names[0]! }];
    this.#reachable = new Set(lookup ? names : this.#routes.map(({ agent }) => agent));
  }

  /** Webhook paths beside /voice that routes are made of. */
  has(path: string): boolean {
    return this.#routes.some((route) => route.path === path);
  }

  /**
   * A signature on the upgrade of a stream covers its address and nothing else: whoever could repeat one may have written
   * any `<Parameter>`. So a parameter chooses among what routes (or a lookup) can lead to, and nothing beyond.
   */
  choose({ to, path, parameter }: Asked): { readonly agent: string; readonly refused: boolean } {
    const named = this.#routes.find((route) => route.parameter !== undefined && fits(route, { to, path, parameter }));
    if (named) return { agent: named.agent, refused: false };
    if (parameter !== undefined && this.reaches(parameter)) return { agent: parameter, refused: false };
    const { agent } = this.#routes.find((route) => fits(route, { to, path })) ?? this.#routes.at(-1)!;
    return { agent, refused: parameter !== undefined };
  }

  reaches(agent: string): boolean {
    return this.#reachable.has(agent);
  }
}

function fits(route: RouteShape, { to, path, parameter }: Asked): boolean {
  if (route.to !== undefined && (to === undefined || ![route.to].flat().includes(to))) return false;
  if (route.path !== undefined && route.path !== path) return false;
  return route.parameter === undefined || route.parameter === parameter;
}
