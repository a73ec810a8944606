/** A section's results: rows of text under a heading, with remarks below. */
export interface Table {
  readonly title: string;
  readonly columns: readonly string[];
  readonly rows: readonly (readonly string[])[];
  readonly notes?: readonly string[];
}

/** For a terminal: columns aligned, the first to the left, the others to the right. */
export function textOf(table: Table): string {
  const widths = table.columns.map((column, i) =>
    Math.max(column.length, ...table.rows.map((row) => row[i]?.length ?? 0)),
  );
  const line = (cells: readonly string[]): string =>
    cells
      .map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0)))
      .join('  ')
      .trimEnd();
  const rule = widths.map((width) => '-'.repeat(width)).join('  ');
  const notes = (table.notes ?? []).map((note) => `  ${note}`);
  return [table.title, line(table.columns), rule, ...table.rows.map(line), ...notes, ''].join('\n');
}

/** For RESULTS.md. */
export function markdownOf(table: Table): string {
  const line = (cells: readonly string[]): string => `| ${cells.join(' | ')} |`;
  const head = [line(table.columns), line(table.columns.map((_, i) => (i === 0 ? '---' : '---:')))];
  const notes = (table.notes ?? []).flatMap((note) => ['', note]);
  return [`### ${table.title}`, '', ...head, ...table.rows.map(line), ...notes, ''].join('\n');
}

/** The middle value; of an even number, the lower of the two in the middle. Throws for none. */
export function median(values: readonly number[]): number {
  const sorted = values.toSorted((a, b) => a - b);
  const middle = sorted[Math.floor((sorted.length - 1) / 2)];
  if (middle === undefined) throw new TypeError('the median of nothing');
  return middle;
}

/** With three significant digits at most, whole numbers whole. */
export function short(value: number): string {
  if (!Number.isFinite(value)) return '-';
  const magnitude = Math.abs(value);
  return value.toFixed(magnitude >= 100 ? 0 : magnitude >= 10 ? 1 : 2);
}

/** How many times `other` ours is, as text. */
export function ratio(ours: number, other: number): string {
  return `${(ours / other).toFixed(2)}x`;
}
