import { UnitError } from './size.ts';

/** Milliseconds of a duration like `90s`, `10m`, `2h`, `1h30m`, `1d`, `500ms` or `0`. Throws `UnitError`. */
export function parseDuration(text: string): number {
  const duration = text.trim().toLowerCase();
  if (duration === '0') return 0;
  if (!/^(?:\d+(?:\.\d+)?(?:ms|[smhd])\s*)+$/.test(duration)) {
    throw new UnitError('Write a duration like 90s, 10m, 2h, 1h30m, or 0.');
  }
  const parts = [...duration.matchAll(/(\d+(?:\.\d+)?)(ms|[smhd])/g)];
  return parts.reduce(
    (sum, [, number, unit]) => sum + Number(number) * MS_OF_UNIT[unit as keyof typeof MS_OF_UNIT],
    0,
  );
}

/** Seconds for people, two units at most: `8 s`, `3 min 20 s`, `2 h 5 min`, `4 d 1 h`. */
export function formatDuration(seconds: number): string {
  const whole = Math.round(seconds);
  if (whole < 60) return `${whole} s`;
  if (whole < 3600) return two(Math.floor(whole / 60), 'min', whole % 60, 's');
  const minutes = Math.round(whole / 60);
  if (minutes < 24 * 60) return two(Math.floor(minutes / 60), 'h', minutes % 60, 'min');
  const hours = Math.round(minutes / 60);
  return two(Math.floor(hours / 24), 'd', hours % 24, 'h');
}

function two(major: number, majorUnit: string, minor: number, minorUnit: string): string {
  return minor === 0 ? `${major} ${majorUnit}` : `${major} ${majorUnit} ${minor} ${minorUnit}`;
}

const MS_OF_UNIT = { ms: 1, s: 1000, m: 60_000, h: 3_600_000, d: 86_400_000 } as const;
