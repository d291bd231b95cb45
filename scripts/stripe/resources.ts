import type { InterfaceDeclaration, Type } from 'ts-morph';
import { packageFiles } from './package.js';

/**
 * The types of Stripe's resources by what each has in `object` (`charge`, `checkout.session`). Of all types that carry
 * the same `object`, the resource is the interface that a module exports and that declares the field itself: the events
 * by type inherit it, and parameters are declared in a namespace. What is left of a deleted resource does not count.
 */
export function loadResources(): ReadonlyMap<string, Type> {
  const interfaces = packageFiles().flatMap((file) => file.getInterfaces());
  const resources = new Map<string, Type>();
  for (const type of interfaces.filter(isResource).map((found) => found.getType())) {
    const object = objectOf(type);
    if (object === undefined || isDeleted(type)) continue;
    if (resources.has(object)) throw new Error(`The stripe package has two resources whose object is ${object}`);
    resources.set(object, type);
  }
  return resources;
}

/**
 * The fields that only some objects of a kind have, as the interfaces that extend the resource declare them: the events
 * of API v2 by their types.
 */
export function variantsOf(type: Type): readonly Type[] {
  const own = type.getSymbol();
  return packageFiles()
    .flatMap((file) => file.getInterfaces())
    .filter((found) => found.getBaseTypes().some((base) => base.getSymbol() === own))
    .map((found) => found.getType());
}

function isResource(found: InterfaceDeclaration): boolean {
  return found.isExported() && found.getProperty('object') !== undefined;
}

/** What the objects of a type have in `object`, where that is one literal. */
export function objectOf(type: Type): string | undefined {
  const literal = propertyType(type, 'object')?.getLiteralValue();
  return typeof literal === 'string' ? literal : undefined;
}

/** Whether the type is what is left of a resource once it is deleted: `deleted: true`. */
export function isDeleted(type: Type): boolean {
  return propertyType(type, 'deleted')?.getText() === 'true';
}

/** The type of a field; undefined where there is none of this name. */
export function propertyType(type: Type, name: string): Type | undefined {
  return type.getProperty(name)?.getValueDeclaration()?.getType();
}
