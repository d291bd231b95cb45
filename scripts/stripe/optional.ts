import type { Symbol as Property, Type } from 'ts-morph';
import { isList } from './embedded.js';
import { loadResources, objectOf } from './resources.js';

/**
 * Fields that objects of a kind may lack and that hold more than one value, by kind: paths with dots, without the marks of
 * arrays and maps. What Stripe leaves out unless `expand[]` asks for it is among them; the package does not say which.
 */
export function loadOptionalFields(kinds: ReadonlySet<string>): ReadonlyMap<string, readonly string[]> {
  const wanted = [...loadResources()].filter(([kind]) => kinds.has(kind)).sort(([a], [b]) => (a < b ? -1 : 1));
  return new Map(wanted.map(([kind, type]) => [kind, [...new Set(fieldsIn(type, [], []))].sort()]));
}

/** The fields of a value: not those of other objects that it embeds. */
function fieldsIn(type: Type, path: readonly string[], inside: readonly Type[]): readonly string[] {
  if (inside.includes(type)) return [];
  if (type.isUnion()) return type.getUnionTypes().flatMap((member) => fieldsIn(member, path, inside));
  const item = type.getArrayElementType() ?? type.getStringIndexType();
  if (item) return fieldsIn(item, path, inside);
  const isOther = path.length > 0 && objectOf(type) !== undefined && type.getProperty('id') !== undefined;
  if (isList(type) || isOther || !isPlainObject(type)) return [];
  return type.getProperties().flatMap((property) => {
    const declaration = property.getValueDeclaration();
    if (!declaration) return [];
    const value = property.getTypeAtLocation(declaration);
    const deeper = [...path, property.getName()];
    return [
      ...(isOptional(property) && isCompound(value) ? [deeper.join('.')] : []),
      ...fieldsIn(value, deeper, [...inside, type]),
    ];
  });
}

function isOptional(property: Property): boolean {
  return property.isOptional();
}

/** A list, an array, a map or an object; not an id that can be expanded. */
function isCompound(type: Type): boolean {
  const members = (type.isUnion() ? type.getUnionTypes() : [type]).filter((one) => !one.isNull() && !one.isUndefined());
  return members.length > 0 && members.every((one) => one.isArray() || isPlainObject(one));
}

function isPlainObject(type: Type): boolean {
  return type.isObject() && type.getCallSignatures().length === 0;
}
