import { type InterfaceDeclaration, Project, type Type } from 'ts-morph';

/** Where the types of the pinned `stripe` package are, from the root of the project. */
const RESOURCES = 'node_modules/stripe/esm/resources/**/*.d.ts';

/**
 * Stripe's resources, from the `object` that each carries (`charge`, `checkout.session`) to its TypeScript type. A
 * resource is an interface that a module exports: of the same `object` are the deleted form of a resource, which is left
 * out, and parameters, which are declared in a namespace.
 */
export function loadResources(): ReadonlyMap<string, Type> {
  const project = new Project({ compilerOptions: { strict: true, types: [] }, skipAddingFilesFromTsConfig: true });
  const files = project.addSourceFilesAtPaths(RESOURCES);
  const resources = new Map<string, Type>();
  for (const type of files
    .flatMap((file) => file.getInterfaces())
    .filter(isExported)
    .map((found) => found.getType())) {
    const object = objectOf(type);
    if (object === undefined || isDeleted(type)) continue;
    if (resources.has(object)) throw new Error(`Two types of the stripe package have the object ${object}`);
    resources.set(object, type);
  }
  return resources;
}

function isExported(found: InterfaceDeclaration): boolean {
  return found.isExported();
}

/** The `object` literal of a type, such as `charge`. */
export function objectOf(type: Type): string | undefined {
  const literal = propertyType(type, 'object')?.getLiteralValue();
  return typeof literal === 'string' ? literal : undefined;
}

/** Whether the type is what is left of a resource once it is deleted: `deleted: true`. */
export function isDeleted(type: Type): boolean {
  return propertyType(type, 'deleted')?.getText() === 'true';
}

function propertyType(type: Type, name: string): Type | undefined {
  return type.getProperty(name)?.getValueDeclaration()?.getType();
}
