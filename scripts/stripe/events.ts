import type { InterfaceDeclaration, Type } from 'ts-morph';
import { packageFiles } from './package.js';
import { objectOf, propertyType } from './resources.js';

/** Every type of event of API v1 in the pinned `stripe` package, with what the object that it carries has in `object`. */
export function loadEvents(): ReadonlyMap<string, readonly string[]> {
  const file = packageFiles().find((each) => each.getFilePath().endsWith('/esm/resources/Events.d.ts'));
  const events = (file?.getInterfaces() ?? []).filter(isEvent).map((event): [string, readonly string[]] => {
    const type = event.getType();
    const data = propertyType(type, 'data');
    return [String(propertyType(type, 'type')?.getLiteralValue()), kindsOf(data && propertyType(data, 'object'))];
  });
  if (events.length === 0) throw new Error('No event types are found in the stripe package');
  return new Map(events.sort(([one], [other]) => (one < other ? -1 : 1)));
}

function isEvent(declaration: InterfaceDeclaration): boolean {
  return declaration.getExtends().some((base) => base.getText() === 'EventBase');
}

function kindsOf(type: Type | undefined): readonly string[] {
  const members = type?.isUnion() ? type.getUnionTypes() : type ? [type] : [];
  return members.flatMap((member) => objectOf(member) ?? []).sort();
}
