/** Text as XML wants it; characters that no XML document may have are left out. */
export function escaped(text: string): string {
  return text
    .replaceAll(/[^\t\n\r\u{20}-\u{D7FF}\u{E000}-\u{FFFD}\u{10000}-\u{10FFFF}]/gu, '')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

/** `a="1" b="2"`. */
export function attributesOf(attributes: Readonly<Record<string, string | number>>): string {
  return Object.entries(attributes)
    .map(([name, value]) => `${name}="${escaped(String(value))}"`)
    .join(' ');
}

export function rect(kind: string, x: number, y: number, width: number, height: number): string {
  return `<rect ${attributesOf({ class: kind, x: round(x), y: round(y), width: round(Math.max(0.5, width)), height: round(height), rx: 2 })}/>`;
}

export function line(kind: string, x: number, y1: number, y2: number): string {
  return `<line ${attributesOf({ class: kind, x1: round(x), x2: round(x), y1: round(y1), y2: round(y2) })}/>`;
}

export function range(from: number, to: number, y: number): string {
  return to - from < 1
    ? ''
    : `<line ${attributesOf({ class: 'range', x1: round(from), x2: round(to), y1: round(y), y2: round(y) })}/>`;
}

export function text(kind: string, x: number, y: number, words: string): string {
  return `<text ${attributesOf({ class: kind, x: round(x), y: round(y) })}>${escaped(words)}</text>`;
}

function round(value: number): number {
  return Math.round(value * 10) / 10;
}
