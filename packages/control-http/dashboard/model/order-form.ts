import type { PayloadOrder } from '@brine/control-http/client';

/** An order as a form has it: what is typed, right or not. */
export interface OrderForm {
  readonly name: string;
  /** A magnet link or an info-hash; of no account when there is a file. */
  readonly link: string;
  /** A `.torrent` file. */
  readonly file: { readonly name: string; readonly base64: string } | undefined;
  /** Empty: the agent's first root. */
  readonly path: string;
  readonly mode: NonNullable<PayloadOrder['mode']>;
  /** One in each line, as trackers are. */
  readonly peers: string;
  readonly trackers: string;
  readonly paused: boolean;
}

export const EMPTY_ORDER: OrderForm = {
  name: '',
  link: '',
  file: undefined,
  path: '',
  mode: 'download',
  peers: '',
  trackers: '',
  paused: false,
};

export type OrderReading =
  | { readonly type: 'order'; readonly name: string; readonly order: PayloadOrder }
  | { readonly type: 'faults'; readonly faults: ReadonlyMap<keyof OrderForm, string> };

/** The order, or what is wrong with the form. `known`: names that are taken. */
export function readOrderForm(form: OrderForm, known: ReadonlySet<string>): OrderReading {
  const faults = new Map<keyof OrderForm, string>();
  const content = contentOf(form);
  if (content === undefined)
    faults.set('link', 'Choose a .torrent file, or paste a magnet link or an info-hash of 40 hex digits.');
  const name = form.name.trim();
  if (!NAME.test(name))
    faults.set('name', 'Use letters, digits, dots, dashes and underscores; begin with a letter or a digit.');
  else if (known.has(name))
    faults.set('name', `There is a payload “${name}” already. Remove it first, or choose another name.`);
  if (faults.size > 0 || content === undefined) return { type: 'faults', faults };
  const [path, peers, trackers] = [form.path.trim(), lines(form.peers), lines(form.trackers)];
  return {
    type: 'order',
    name,
    order: {
      ...content,
      mode: form.mode,
      ...(path === '' ? {} : { path }),
      ...(peers.length === 0 ? {} : { peers }),
      ...(trackers.length === 0 ? {} : { trackers }),
      ...(form.paused ? { paused: true } : {}),
    },
  };
}

/** A name from what the content calls itself, if it does; else empty. */
export function suggestName(form: Pick<OrderForm, 'link' | 'file'>): string {
  const own = form.file?.name.replace(/\.torrent$/i, '') ?? nameOfMagnet(form.link.trim());
  return own
    .normalize('NFKD')
    .replaceAll(/[^A-Za-z0-9._-]+/g, '-')
    .replaceAll(/^[^A-Za-z0-9]+|-+$/g, '')
    .slice(0, NAME_LENGTH_MAX);
}

function contentOf({
  file,
  link,
}: OrderForm): Pick<PayloadOrder, 'torrent' | 'magnet' | 'infohash'> | undefined {
  if (file !== undefined) return { torrent: file.base64 };
  const text = link.trim();
  if (/^magnet:\?/i.test(text)) return { magnet: text };
  return /^[0-9a-f]{40}$/i.test(text) ? { infohash: text } : undefined;
}

function nameOfMagnet(link: string): string {
  if (!/^magnet:\?/i.test(link)) return '';
  return new URLSearchParams(link.slice(link.indexOf('?') + 1)).get('dn') ?? '';
}

function lines(text: string): string[] {
  return text
    .split(/[\s,]+/)
    .map((line) => line.trim())
    .filter((line) => line !== '');
}

const NAME_LENGTH_MAX = 100;
/** As the API wants names; see `NAME_PATTERN` there. */
const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,99}$/;
