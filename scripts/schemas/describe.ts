import type { Symbol as Property, Type } from 'ts-morph';
import { isDeleted, objectOf } from '../stripe/resources.js';
import { numberType } from './numbers.js';
import { merge, mergeProperties, nullable, OPEN_OBJECT, type Properties, type Schema } from './schema.js';

/** Where in a resource the description is. */
interface Place {
  readonly path: readonly string[];
  /** The types around it, outermost first. */
  readonly inside: readonly Type[];
  /** Types that were found inside themselves. */
  readonly endless: Set<Type>;
}

/**
 * The properties of a resource as they are on the wire, in the order of its TypeScript type. What is embedded is
 * described in full, but for a type that contains itself (an intent, in its own last error): that is any object. Fields
 * that only variants of the resource have come last.
 */
export function describeResource(type: Type, variants: readonly Type[] = []): Properties {
  const place: Place = { path: [], inside: [], endless: new Set() };
  const isOfVariant = (property: Property) => type.getProperty(property.getName()) === undefined;
  return variants
    .map((variant) => describeProperties(variant, place, isOfVariant))
    .reduce(mergeProperties, describeProperties(type, place));
}

function describeProperties(type: Type, place: Place, isWanted = (_: Property) => true): Properties {
  const inside = [...place.inside, type];
  return Object.fromEntries(
    type
      .getProperties()
      .filter(isWanted)
      .flatMap((property) => {
        const name = property.getName();
        const value = typeOf(property);
        if (isAbsent(value) || isMethod(value)) return [];
        return [[name, describe(value, { ...place, path: [...place.path, name], inside })]];
      }),
  );
}

function typeOf(property: Property): Type {
  const declaration = property.getValueDeclaration();
  if (!declaration) throw new Error(`The stripe package does not declare ${property.getName()}`);
  return property.getTypeAtLocation(declaration);
}

/** The types mark with `deleted?: void` that a resource is not a deleted one; the wire has no such field. */
function isAbsent(type: Type): boolean {
  return type
    .getUnionTypes()
    .concat(type)
    .some((member) => member.isVoid());
}

/** Methods of the library are not on the wire. */
function isMethod(type: Type): boolean {
  return type.getCallSignatures().length > 0;
}

function describe(type: Type, place: Place): Schema {
  const members = membersOf(type);
  if (members.length === 0) throw unknown(type, place);
  return isExpandable(members) ? describeId(members) : merge(members.map((member) => describeOne(member, place)));
}

/** The types of a union, by name: TypeScript's own order depends on what it has seen before. */
function membersOf(type: Type): readonly Type[] {
  const members = type.isUnion() ? type.getUnionTypes() : [type];
  return members
    .filter((member) => !member.isNull() && !member.isUndefined())
    .sort((one, other) => (one.getText() < other.getText() ? -1 : 1));
}

/** An id that Stripe replaces by the object on request: the object has an `id`, too. */
function isExpandable(members: readonly Type[]): boolean {
  const objects = members.filter((member) => !isString(member));
  return (
    objects.length < members.length &&
    objects.length > 0 &&
    objects.every((member) => isObject(member) && member.getProperty('id') !== undefined)
  );
}

function describeId(members: readonly Type[]): Schema {
  const targets = members.filter((member) => isObject(member) && !isDeleted(member));
  return { ...nullable('string'), 'x-expands-to': targets.flatMap((target) => objectOf(target) ?? []).sort() };
}

function describeOne(type: Type, place: Place): Schema {
  if (isString(type)) return nullable('string');
  if (type.isBoolean() || type.isBooleanLiteral()) return nullable('boolean');
  if (type.isNumber() || type.isNumberLiteral()) return nullable(numberType(place.path));
  const items = type.getArrayElementType();
  if (items) return { ...nullable('array'), items: describe(items, place) };
  if (isObject(type)) return describeObject(type, place);
  throw unknown(type, place);
}

function unknown(type: Type, { path }: Place): Error {
  return new Error(`No schema is known for ${path.join('.')}: ${type.getText()}`);
}

/** Decimals and 64-bit integers are strings on the wire; an open set of strings is `string & Record<never, never>`. */
function isString(type: Type): boolean {
  return (
    type.isString() ||
    type.isStringLiteral() ||
    type.isBigInt() ||
    type.getAliasSymbol()?.getName() === 'Decimal' ||
    type.getIntersectionTypes().some(isString)
  );
}

function isObject(type: Type): boolean {
  return type.isObject() && !type.isArray() && type.getCallSignatures().length === 0 && !isString(type);
}

function describeObject(type: Type, place: Place): Schema {
  if (place.inside.includes(type)) {
    place.endless.add(type);
    return OPEN_OBJECT;
  }
  const properties = describeProperties(type, place);
  if (place.endless.has(type)) return OPEN_OBJECT;
  const values = type.getStringIndexType();
  const named = Object.keys(properties).length > 0;
  if (!named && !values) return OPEN_OBJECT;
  return {
    ...nullable('object'),
    ...(named && { properties }),
    ...(values && { additionalProperties: values.isUnknown() || describe(values, place) }),
  };
}
