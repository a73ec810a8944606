/** A whole number for people: `999`, `1,000`, `20,000`. `toLocaleString` would first load its tables, 17 ms of a short command. */
export function formatCount(number: number): string {
  return String(number).replace(/\B(?=(?:\d{3})+$)/g, ',');
}
