import type { Type } from 'ts-morph';
import { getPathOf, packageFiles } from './package.js';
import { objectOf } from './resources.js';

/** Every path of the pinned `stripe` package that gives one object by its id, with the kinds it gives. Ids are `{id}`. */
export function loadRetrieves(): ReadonlyMap<string, readonly string[]> {
  const found = packageFiles().flatMap((file) =>
    file.getClasses().flatMap((resource) =>
      resource.getMethods().flatMap((method): readonly [string, readonly string[]][] => {
        if (method.getReturnType().getSymbol()?.getName() !== 'Promise') return [];
        const path = getPathOf(file, resource, method);
        return path?.endsWith('/{id}') ? [[path, kindsIn(method.getReturnType())]] : [];
      }),
    ),
  );
  if (found.length === 0) throw new Error('No object can be retrieved with the stripe package');
  return new Map(found);
}

/** A promise of a response gives the object and, in an intersection, the headers of the answer. */
function kindsIn(promise: Type): readonly string[] {
  const results = promise.getTypeArguments().flatMap((type) => (type.isUnion() ? type.getUnionTypes() : [type]));
  return [...new Set(results.flatMap((type) => objectOf(type) ?? []))];
}
