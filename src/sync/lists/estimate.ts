/**
 * How many rows a stream will have emitted at its end. Each object of the list that is still to come (`ahead`, by
 * slice) counts for as many rows as each that came (`listed`). Undefined if nothing is known about what is to come.
 */
export function estimateRows(rows: number, listed: number, ahead: readonly number[]): number | undefined {
  const coming = ahead.reduce((sum, expected) => sum + expected, 0);
  if (listed === 0 || coming === 0) return undefined;
  return Math.round((rows * (listed + coming)) / listed);
}
