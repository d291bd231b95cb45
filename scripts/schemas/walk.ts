import type { Symbol as Property, Type } from 'ts-morph';
import { isDeleted, objectOf } from './resources.js';
import { merge, nullable, OPEN_OBJECT, type Properties, type Schema } from './schema.js';

export const odd: string[] = [];
const NUMBERS: ReadonlySet<string> = new Set([
  'aggregated_value',
  'amount_percent',
  'application_fee_percent',
  'effective_percentage',
  'exchange_rate',
  'height',
  'latitude',
  'length',
  'longitude',
  'percent_off',
  'percent_ownership',
  'percentage',
  'rates',
  'receipt.quantity',
  'score',
  'weight',
  'width',
]);
interface Place {
  readonly path: readonly string[];
  readonly inside: readonly Type[];
}

export function propertiesOf(type: Type, place: Place): Properties {
  const inside = [...place.inside, type];
  return Object.fromEntries(
    type.getProperties().flatMap((property) => {
      const name = property.getName();
      const schema = schemaOf(typeOf(property), { path: [...place.path, name], inside });
      return schema ? [[name, schema]] : [];
    }),
  );
}
function typeOf(p: Property): Type {
  const d = p.getValueDeclaration();
  if (!d) throw new Error('x ' + p.getName());
  return p.getTypeAtLocation(d);
}

export function schemaOf(type: Type, place: Place): Schema | undefined {
  const members = (type.isUnion() ? type.getUnionTypes() : [type]).filter(
    (m) => !m.isNull() && !m.isUndefined() && !m.isVoid(),
  );
  if (members.length === 0) {
    odd.push('EMPTY ' + place.path.join('.'));
    return undefined;
  }
  const objects = members.filter((m) => isObject(m));
  const strings = members.some(isString);
  if (strings && objects.length > 0) {
    if (!objects.every((o) => o.getProperty('id')) || members.some((m) => !isString(m) && !isObject(m))) {
      odd.push('STR|OBJ ' + place.path.join('.') + ' ' + type.getText());
    }
    return {
      ...nullable('string'),
      'x-expands-to': objects
        .filter((o) => !isDeleted(o))
        .flatMap((o) => objectOf(o) ?? [])
        .sort(),
    };
  }
  const ss = members.map((m) => single(m, place));
  const merged = merge(ss);
  if (objects.length > 1)
    odd.push('UNION ' + place.path.join('.') + ' ' + objects.map((o) => o.getSymbol()?.getName()).join());
  return merged;
}
function isString(m: Type) {
  return (
    m.isString() ||
    m.isStringLiteral() ||
    m.isTemplateLiteral() ||
    m.isBigInt() ||
    m.getSymbol()?.getName() === 'Decimal' ||
    m.getAliasSymbol()?.getName() === 'Decimal' ||
    (m.isIntersection() && m.getIntersectionTypes().some(isString))
  );
}
function isObject(m: Type): boolean {
  return m.isObject() && !m.isArray() && !isString(m);
}
function single(m: Type, place: Place): Schema {
  if (isString(m)) return nullable('string');
  if (m.isBoolean() || m.isBooleanLiteral()) return nullable('boolean');
  if (m.isNumber() || m.isNumberLiteral())
    return nullable(
      NUMBERS.has(place.path.at(-1) ?? '') || NUMBERS.has(place.path.slice(-2).join('.')) ? 'number' : 'integer',
    );
  if (m.isArray()) {
    const e = m.getArrayElementType();
    const items = e && schemaOf(e, place);
    if (!items) throw new Error('array');
    return { ...nullable('array'), items };
  }
  if (isObject(m)) return objectSchema(m, place);
  throw new Error(`Unknown ${m.getText()} at ${place.path.join('.')}`);
}
function objectSchema(m: Type, place: Place): Schema {
  if (place.inside.includes(m)) {
    odd.push('RECUR ' + place.path.join('.'));
    return OPEN_OBJECT;
  }
  const index = m.getStringIndexType();
  if (m.getCallSignatures().length) throw new Error('function');
  const properties = propertiesOf(m, place);
  if (objectOf(m) && place.inside.length && m.getProperty('id'))
    odd.push('EMBED ' + place.path.join('.') + ' ' + JSON.stringify(properties).length);
  if (index) {
    const value = index.isUnknown() ? true : schemaOf(index, place);
    if (Object.keys(properties).length) odd.push('IDX+PROPS');
    return { ...nullable('object'), ...(value && { additionalProperties: value }) };
  }
  if (Object.keys(properties).length === 0) {
    odd.push('OPEN ' + place.path.join('.'));
    return OPEN_OBJECT;
  }
  return { ...nullable('object'), properties };
}
