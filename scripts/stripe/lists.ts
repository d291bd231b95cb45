import type { ClassDeclaration, MethodDeclaration, Symbol as Property, SourceFile, Type } from 'ts-morph';
import { getPathOf, packageFiles } from './package.js';
import { objectOf } from './resources.js';

/** A list endpoint as the pinned `stripe` package has it. */
export interface ListEndpoint {
  /** Ids are `{id}`. */
  readonly path: string;
  /** What its items have in `object`. */
  readonly kinds: readonly string[];
  /** The fields that its items have, whatever their kind. */
  readonly fields: readonly string[];
  readonly required: readonly string[];
  /** What Stripe says about the list, and about each of its parameters by name. */
  readonly about: string;
  readonly parameters: Readonly<Record<string, string>>;
}

/** Parameters that say nothing about the list. */
const PLUMBING = ['ending_before', 'expand'];

/** Every list endpoint of the pinned `stripe` package, by path. */
export function loadLists(): ReadonlyMap<string, ListEndpoint> {
  const lists = packageFiles().flatMap((file) =>
    file.getClasses().flatMap((resource) => resource.getMethods().flatMap((method) => listOf(file, resource, method))),
  );
  return new Map(lists.sort((one, other) => (one.path < other.path ? -1 : 1)).map((list) => [list.path, list]));
}

function listOf(file: SourceFile, resource: ClassDeclaration, method: MethodDeclaration): readonly ListEndpoint[] {
  const item = itemOf(method.getReturnType());
  if (!item) return [];
  const types = item.isUnion() ? item.getUnionTypes() : [item];
  const [first, ...others] = types.map((type) => type.getProperties().map((field) => field.getName()));
  const parameters = method.getParameter('params')?.getType().getNonNullableType().getProperties() ?? [];
  return [
    {
      path: pathOf(file, resource, method),
      kinds: [...new Set(types.flatMap((type) => objectOf(type) ?? []))].sort(),
      fields: (first ?? []).filter((field) => others.every((fields) => fields.includes(field))),
      required: parameters.filter((each) => !each.isOptional()).map((each) => each.getName()),
      about: method
        .getJsDocs()
        .map((doc) => inOneLine(doc.getDescription()))
        .join(' '),
      parameters: Object.fromEntries(
        parameters.filter((each) => !PLUMBING.includes(each.getName())).map((each) => [each.getName(), docOf(each)]),
      ),
    },
  ];
}

/** The type of the items that a list returns one by one; undefined for a method that does not list. */
function itemOf(type: Type): Type | undefined {
  const name = type.getSymbol()?.getName();
  return name === 'ApiListPromise' || name === 'V2ListPromise' ? type.getTypeArguments()[0] : undefined;
}

function pathOf(file: SourceFile, resource: ClassDeclaration, method: MethodDeclaration): string {
  const path = getPathOf(file, resource, method);
  if (path === undefined) throw new Error(`No path is found for ${resource.getName()}.${method.getName()}`);
  return path;
}

function docOf(property: Property): string {
  const text = property.compilerSymbol.getDocumentationComment(undefined).map((part) => part.text);
  return inOneLine(text.join(''));
}

function inOneLine(text: string): string {
  return text.replace(/\s+/g, ' ').trim();
}
