import { readFileSync, writeFileSync } from 'node:fs';
import { availableParallelism } from 'node:os';
import { type Figure, goalText, isMissed, type Report } from './report.js';

const PAGE = 'docs/performance.md';

/** Replaces what the page says between the markers of this report, and leaves the other figures as they are. */
export function writePage(report: Report): void {
  const page = readFileSync(PAGE, 'utf8');
  const [begin, end] = [`<!-- bench ${report.name} -->`, `<!-- /bench ${report.name} -->`];
  const [from, to] = [page.indexOf(begin), page.indexOf(end)];
  if (from < 0 || to < from) throw new Error(`${PAGE} has no ${begin} … ${end}`);
  const text = sectionOf(report);
  writeFileSync(PAGE, `${page.slice(0, from + begin.length)}\n${text}\n${page.slice(to)}`);
  for (const { name, text: svg } of report.pictures) writeFileSync(`docs/${name}`, svg);
}

function sectionOf({ name, scale, figures, pictures, table }: Report): string {
  const date = new Date().toISOString().slice(0, 10);
  const machine = `${date}, ${availableParallelism()} cores, Node ${process.versions.node}: \`npm run bench -- ${name}${scale === 1 ? '' : ` --scale ${scale}`}\``;
  const rows = ['| figure | | goal | from |', '|---|---:|---|---|', ...figures.map(lineOf)].join('\n');
  const drawn = pictures.map(({ name: file, title }) => `![${title}](${file})`);
  return [machine, table ?? rows, ...drawn].join('\n\n');
}

function lineOf(figure: Figure): string {
  const { what, ratio, goal, raw } = figure;
  const wanted = goal ? goalText(figure) : '';
  return `| ${what.trim()} | ${ratio.toFixed(2)} | ${wanted}${isMissed(figure) ? ', missed' : ''} | ${raw} |`;
}
