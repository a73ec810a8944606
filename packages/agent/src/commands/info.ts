import type { Metainfo } from '@brine/wire';

import { ExitCode } from '../exit-codes.ts';
import { infoHashOf, magnetLinkOf } from '../magnet-link.ts';
import { processOutput } from '../terminal/output.ts';
import { printable } from '../terminal/plain-lines.ts';
import { count } from '../terminal/sentences.ts';
import { parseTorrentFile } from '../torrent-file.ts';
import { readTorrentFile } from '../torrent-input.ts';
import { formatCount } from '../units/count.ts';
import { formatBinarySize, formatSize } from '../units/size.ts';

/** The options of `info` as the command line hands them over. */
export interface InfoOptions {
  /** List every file, however many. */
  readonly all?: boolean;
  readonly json?: boolean;
}

/** `brine info FILE`: what a torrent contains, and its magnet link. */
export async function info(file: string, options: InfoOptions): Promise<ExitCode> {
  const metainfo = parseTorrentFile(file, await readTorrentFile(file));
  if (options.json === true) processOutput.line(JSON.stringify(recordOf(metainfo)));
  else for (const line of linesOf(metainfo, options.all === true)) processOutput.line(printable(line));
  return ExitCode.done;
}

function recordOf(metainfo: Metainfo): object {
  const { info, trackers, webSeeds, comment, createdBy, creationDate } = metainfo;
  return {
    name: info.name,
    infoHash: infoHashOf(metainfo),
    magnet: magnetLinkOf(metainfo),
    folder: info.folder,
    bytesTotal: info.totalLength,
    pieceLength: info.pieceLength,
    pieceCount: info.pieceCount,
    private: info.private,
    trackers,
    webSeeds,
    comment,
    createdBy,
    creationDate,
    files: listed(metainfo).map(({ number, path, length }) => ({ number, path, length })),
  };
}

function linesOf(metainfo: Metainfo, all: boolean): readonly string[] {
  const { info } = metainfo;
  const files = listed(metainfo);
  const shown = all ? files : files.slice(0, FILES_SHOWN);
  return [
    field('Name', info.name),
    field('Size', `${formatSize(info.totalLength)} (${formatCount(info.totalLength)} bytes)`),
    field('Pieces', `${formatCount(info.pieceCount)} of ${formatBinarySize(info.pieceLength)}`),
    field('Info-hash', infoHashOf(metainfo)),
    field('Private', info.private ? 'yes: peers come from trackers and --peer only' : 'no'),
    ...metainfo.trackers.map((tier) => field('Tracker', tier.join('  '))),
    ...metainfo.webSeeds.map((url) => field('Web seed', url)),
    ...(metainfo.comment === undefined ? [] : [field('Comment', metainfo.comment.replaceAll('\n', ' '))]),
    ...(metainfo.createdBy === undefined ? [] : [field('Created by', metainfo.createdBy)]),
    ...(metainfo.creationDate === undefined ? [] : [field('Created', dateOf(metainfo.creationDate))]),
    field('Files', count(files.length, 'file')),
    ...shown.map(
      ({ number, path, length }) =>
        `  ${String(number).padStart(5)}  ${formatSize(length).padStart(8)}  ${path}`,
    ),
    ...(shown.length < files.length
      ? [`         and ${count(files.length - shown.length, 'file')} more; --all lists them`]
      : []),
    field('Magnet', magnetLinkOf(metainfo)),
  ];
}

/** The files that a user sees, numbered as `get --files` counts; padding (BEP 47) is not among them. */
function listed({ info }: Metainfo): readonly { number: number; path: string; length: number }[] {
  return info.files.flatMap(({ path, length, padding }, index) =>
    padding ? [] : [{ number: index + 1, path: path.join('/'), length }],
  );
}

function field(label: string, value: string): string {
  return `${label.padEnd(11)} ${value}`;
}

function dateOf(seconds: number): string {
  const date = new Date(seconds * 1000);
  return Number.isNaN(date.getTime()) ? String(seconds) : date.toISOString();
}

const FILES_SHOWN = 30;
