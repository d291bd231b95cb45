import type Stripe from 'stripe';

/**
 * A type of the `stripe` package as its JSON on the wire, nothing expanded: an id where an object may stand, and a text
 * where the package makes a Decimal of it.
 */
export type Wire<T> =
  string extends Exclude<T, null | undefined | object>
    ? Exclude<T, object>
    : T extends Stripe.Decimal
      ? string
      : T extends readonly (infer Item)[]
        ? readonly Wire<Item>[]
        : T extends object
          ? { readonly [K in keyof T]: Wire<T[K]> }
          : T;
