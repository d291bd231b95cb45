import type { Type } from 'ts-morph';
import { loadResources, objectOf } from './resources.js';

/** A list that Stripe embeds in an object. */
export interface EmbeddedListType {
  /** What the object that holds it has in `object`. */
  readonly kind: string;
  /** Where the list is in that object: names with dots. */
  readonly field: string;
  /** What its items have in `object`. */
  readonly items: readonly string[];
}

/** Every list that an object of the pinned `stripe` package embeds. */
export function loadEmbeddedLists(): readonly EmbeddedListType[] {
  return [...loadResources()].flatMap(([kind, type]) =>
    listsIn(type, [], []).map(({ field, items }) => ({ kind, field, items })),
  );
}

type Found = Omit<EmbeddedListType, 'kind'>;

/** The lists of a value: not those of other objects that it embeds, which are theirs. */
function listsIn(type: Type, path: readonly string[], inside: readonly Type[]): readonly Found[] {
  if (inside.includes(type)) return [];
  if (type.isUnion()) return distinct(type.getUnionTypes().flatMap((member) => listsIn(member, path, inside)));
  const item = type.getArrayElementType();
  if (item) return listsIn(item, path, inside);
  if (isList(type)) return [{ field: path.join('.'), items: itemKindsOf(type) }];
  const isOther = path.length > 0 && objectOf(type) !== undefined && type.getProperty('id') !== undefined;
  if (isOther || !type.isObject() || type.getCallSignatures().length > 0) return [];
  return type.getProperties().flatMap((property) => {
    const declaration = property.getValueDeclaration();
    if (!declaration) return [];
    return listsIn(property.getTypeAtLocation(declaration), [...path, property.getName()], [...inside, type]);
  });
}

/** Whether the type is that of an embedded list. */
export function isList(type: Type): boolean {
  return type.getSymbol()?.getName() === 'ApiList';
}

/** What the items of an embedded list have in `object`. */
export function itemKindsOf(list: Type): readonly string[] {
  const items = list.getTypeArguments().flatMap((item) => (item.isUnion() ? item.getUnionTypes() : [item]));
  return items.flatMap((item) => objectOf(item) ?? []);
}

function distinct(lists: readonly Found[]): readonly Found[] {
  return [...new Map(lists.map((list) => [list.field, list])).values()];
}
