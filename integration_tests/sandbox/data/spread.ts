/**
 * Children distributed evenly among parents, by arithmetic alone. With fewer children than parents some have none, with
 * more some have several; the children of a parent are neighbours.
 */
export interface Spread {
  readonly parentOf: (child: number) => number;
  /** The parent's children: from the first to before `end`. */
  readonly childrenOf: (parent: number) => { readonly first: number; readonly end: number };
  readonly firstOf: (parent: number) => number | undefined;
}

export function spread(parents: number, children: number): Spread {
  const startOf = (parent: number) => Math.ceil((parent * children) / parents);
  return {
    parentOf: (child) => Math.min(Math.floor((child * parents) / children), parents - 1),
    childrenOf: (parent) =>
      parent >= parents ? { first: children, end: children } : { first: startOf(parent), end: startOf(parent + 1) },
    firstOf: (parent) => {
      const first = startOf(parent);
      return parent < parents && first < startOf(parent + 1) ? first : undefined;
    },
  };
}
