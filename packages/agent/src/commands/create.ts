import { rename, rm, writeFile } from 'node:fs/promises';
import { basename, resolve } from 'node:path';

import { isPieceLength } from '@brine/piece-store';
import type { PayloadLayout } from '@brine/piece-store';
import { hashPayload } from '@brine/piece-store/node';
import { encodeInfo, encodeMetainfo, parseMetainfo, safeComponent } from '@brine/wire';

import { CommandError } from '../command-error.ts';
import { ExitCode } from '../exit-codes.ts';
import { infoHashOf, magnetLinkOf } from '../magnet-link.ts';
import { HashingMeter } from '../terminal/hashing-meter.ts';
import { openReporter } from '../terminal/open-reporter.ts';
import type { Reporter } from '../terminal/report.ts';
import { sha1 } from '../torrent-file.ts';

/** The options of `create` as the command line hands them over. */
export interface CreateOptions {
  /** The file to write; default: the payload's name with `.torrent`, in the current directory. */
  readonly output?: string;
  /** Bytes. */
  readonly pieceSize?: number;
  /** Each a tier of its own, in this order. */
  readonly tracker?: readonly string[];
  readonly webSeed?: readonly string[];
  readonly private?: boolean;
  readonly comment?: string;
  readonly followSymlinks?: boolean;
  readonly json?: boolean;
}

/** `brine create PATH`: hashes a payload and writes its `.torrent` file. */
export async function create(path: string, options: CreateOptions): Promise<ExitCode> {
  if (options.pieceSize !== undefined && !isPieceLength(options.pieceSize))
    throw badPieceSize(options.pieceSize);
  const startedMs = performance.now();
  const reporter = await openReporter(options);
  try {
    const layout = await describe(path, options, reporter);
    const bytes = encode(layout, options);
    const file = options.output ?? `${basename(resolve(path))}.torrent`;
    await replaceFile(file, bytes);
    const metainfo = parseMetainfo(bytes, { sha1 });
    reporter.tell({
      event: 'created',
      file,
      name: layout.name,
      infoHash: infoHashOf(metainfo),
      magnet: magnetLinkOf(metainfo),
      bytesTotal: layout.totalLength,
      fileCount: layout.files.length,
      pieceLength: layout.pieceLength,
      pieceCount: layout.pieceCount,
      seconds: Math.round(performance.now() - startedMs) / 1000,
    });
    return ExitCode.done;
  } finally {
    reporter.close();
  }
}

async function describe(path: string, options: CreateOptions, reporter: Reporter): Promise<PayloadLayout> {
  let meter: HashingMeter | undefined;
  const { layout, unportable } = await hashPayload(path, {
    ...(options.pieceSize === undefined ? {} : { pieceLength: options.pieceSize }),
    followSymlinks: options.followSymlinks ?? false,
    safeComponent,
    hashHere: true,
    onProgress: ({ bytesHashed, bytesTotal }) => {
      meter ??= new HashingMeter('hashing', bytesTotal, reporter);
      meter.show(bytesHashed);
    },
  });
  const [first] = unportable;
  if (first !== undefined) throw unportableNames(first.join('/'), unportable.length);
  return layout;
}

/** No date and no host name goes in: the same payload and options always give the same file. */
function encode(layout: PayloadLayout, options: CreateOptions): Uint8Array {
  return encodeMetainfo({
    infoBytes: encodeInfo({ ...layout, private: options.private ?? false }),
    trackers: (options.tracker ?? []).map((url) => [url]),
    webSeeds: options.webSeed ?? [],
    createdBy: 'Brine',
    ...(options.comment === undefined ? {} : { comment: options.comment }),
  });
}

/** Whoever reads the file meanwhile sees the old one or the new one, never half of it. */
async function replaceFile(file: string, bytes: Uint8Array): Promise<void> {
  const temporary = `${file}.${process.pid}.tmp`;
  try {
    await writeFile(temporary, bytes);
    await rename(temporary, file);
  } catch (error) {
    await rm(temporary, { force: true });
    throw new CommandError(
      'output-unwritable',
      ExitCode.disk,
      `"${file}" cannot be written: ${(error as Error).message}. Name another place with -o.`,
      { cause: error },
    );
  }
}

function badPieceSize(bytes: number): CommandError {
  return new CommandError(
    'argument-invalid',
    ExitCode.usage,
    `--piece-size ${bytes} bytes is not a power of two from 16KiB to 16MiB. Write 256KiB, 1MiB, 4MiB …, or leave it out.`,
  );
}

function unportableNames(example: string, count: number): CommandError {
  return new CommandError(
    'payload-unsupported',
    ExitCode.inputInvalid,
    `${count === 1 ? 'One name' : `${count} names`} would not arrive on every machine as written, first "${example}": ` +
      'characters like : ? * " < > |, a dot or space at the end, and names like CON are not possible everywhere. Rename and try again.',
  );
}
