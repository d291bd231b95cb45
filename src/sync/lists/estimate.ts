/**
 * How many rows a stream will have given at the end: its rows so far, and as many for each object of the list that is
 * still to come (`ahead`, by slice) as for each that came (`listed`). Undefined where nothing is known of what comes.
 */
export function estimateRows(rows: number, listed: number, ahead: readonly number[]): number | undefined {
  const coming = ahead.reduce((sum, expected) => sum + expected, 0);
  if (listed === 0 || coming === 0) return undefined;
  return Math.round((rows * (listed + coming)) / listed);
}
