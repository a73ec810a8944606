import { describe, expect, test } from 'vitest';

import { JsonLines } from '../src/terminal/json-lines.ts';
import type { Output } from '../src/terminal/output.ts';
import { PlainLines } from '../src/terminal/plain-lines.ts';
import { barLine } from '../src/terminal/progress-bar.ts';
import type { Progress, Traffic } from '../src/terminal/report.ts';

class Recorded implements Output {
  readonly lines: string[] = [];
  readonly troubles: string[] = [];
  line(text: string): void {
    this.lines.push(text);
  }
  trouble(text: string): void {
    this.troubles.push(text);
  }
}

function progress(percent: number, more: Partial<Progress> = {}): Progress {
  return {
    event: 'progress',
    phase: 'downloading',
    bytesDone: percent * 10_000_000,
    bytesTotal: 1_000_000_000,
    percent,
    downBytesPerSecond: 52_100_000,
    upBytesPerSecond: 0,
    peers: 4,
    etaSeconds: 11,
    ...more,
  };
}

function traffic(site: number, near: number, wan: number): Traffic {
  const received = (downloadedBytes: number): Traffic['site'] => ({ downloadedBytes, uploadedBytes: 7 });
  return { site: received(site), near: received(near), wan: received(wan) };
}

describe('plain lines', () => {
  test('come at most every two seconds, and then only for five percent or after ten seconds', () => {
    const output = new Recorded();
    let nowMs = 0;
    const plain = new PlainLines(output, () => nowMs);
    const tell = (atMs: number, percent: number): void => {
      nowMs = atMs;
      plain.tell(progress(percent));
    };
    tell(0, 0);
    tell(500, 30);
    tell(2000, 31);
    tell(2500, 33);
    tell(4500, 37);
    tell(9000, 38);
    tell(12_001, 39);
    expect(output.lines.map((line) => /[\d.]+ %/.exec(line)?.[0])).toEqual(['0.0 %', '31.0 %', '37.0 %']);
    tell(14_500, 39);
    expect(output.lines.at(-1)).toContain('39.0 %');
  });

  test('say what a person wants to know', () => {
    const output = new Recorded();
    new PlainLines(output, () => 0).tell(progress(41.37));
    expect(output.lines).toEqual([
      'Downloading  41.3 %  414 MB of 1.00 GB  down 52.1 MB/s  up 0 B/s  4 peers  ETA 11 s',
    ]);
  });

  test.each([
    ['both sides', traffic(71, 20, 9), undefined, '  4 peers  LAN 71 %  ETA 11 s'],
    ['the LAN alone, no site configured', traffic(5, 0, 0), undefined, '  4 peers  ETA 11 s'],
    ['other sites alone, no site configured', traffic(0, 0, 5), undefined, '  4 peers  ETA 11 s'],
    ['other sites alone, at a site', traffic(0, 0, 5), 'hq', '  4 peers  LAN 0 %  ETA 11 s'],
    ['nowhere yet, at a site', traffic(0, 0, 0), 'hq', '  4 peers  ETA 11 s'],
    ['the LAN but for one byte', traffic(999, 0, 1), undefined, '  4 peers  LAN 99 %  ETA 11 s'],
  ])('tell the share of the LAN where it means something: %s', (_, traffic, site, expected) => {
    const output = new Recorded();
    new PlainLines(output, () => 0).tell(progress(41, { traffic, ...(site === undefined ? {} : { site }) }));
    expect(output.lines[0]).toContain(expected);
  });

  test('say at the end how much came from the LAN', () => {
    const output = new Recorded();
    new PlainLines(output, () => 0).tell({
      event: 'complete',
      name: 'maps',
      infoHash: 'ab'.repeat(20),
      path: '/srv/maps',
      bytesTotal: 1_000_000_000,
      downloadedBytes: 1_000_000_000,
      wastedBytes: 0,
      traffic: traffic(710_000_000, 0, 290_000_000),
      seconds: 100,
    });
    expect(output.lines).toEqual([
      'Complete: /srv/maps, 1.00 GB in 1 min 40 s (10.0 MB/s), 71 % from the LAN',
    ]);
  });

  test('never show 100 % before the payload is complete', () => {
    const output = new Recorded();
    new PlainLines(output, () => 0).tell(progress(99.99));
    expect(output.lines[0]).toContain('99.9 %');
  });

  test('replace control and direction characters that come from strangers', () => {
    const output = new Recorded();
    new PlainLines(output, () => 0).tell({ event: 'warning', code: 'x', message: 'a\u001b[31m\u202eb' });
    expect(output.troubles).toEqual(['a\uFFFD[31m\uFFFDb']);
  });
});

describe('the bar', () => {
  test.each([40, 60, 80, 100, 200])('never fills a line of %i columns, which would wrap', (columns) => {
    expect(barLine(progress(52), columns).length).toBeLessThan(columns);
  });

  test('is as full as the payload', () => {
    expect(barLine(progress(50), 140)).toContain(`[${'█'.repeat(20)}${'░'.repeat(20)}]`);
    expect(barLine(progress(100), 140)).toContain(`[${'█'.repeat(40)}]`);
  });

  test('shows the check while content is being checked', () => {
    const line = barLine(progress(0, { phase: 'checking', checkedPercent: 25 }), 140);
    expect(line).toContain('Checking [██████████░');
    expect(line).toContain('25.0 %');
  });
});

describe('JSON Lines', () => {
  test('carry each report as it is; troubles stand on stderr too', () => {
    const output = new Recorded();
    const json = new JsonLines(output);
    json.tell({ event: 'listening', address: { ip: '::1', port: 7 } });
    json.tell({ event: 'error', code: 'disk-full', message: 'Free 3 MB.' });
    expect(output.lines).toEqual([
      '{"event":"listening","address":{"ip":"::1","port":7}}',
      '{"event":"error","code":"disk-full","message":"Free 3 MB."}',
    ]);
    expect(output.troubles).toEqual(['Free 3 MB.']);
  });
});
