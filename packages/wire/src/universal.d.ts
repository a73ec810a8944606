/*
 * Web globals that Node and browsers share, declared as far as this package uses them: it is compiled without the types of
 * either.
 */

declare class TextDecoder {
  constructor(label: 'utf-8', options: { readonly ignoreBOM: boolean });
  decode(bytes: Uint8Array): string;
}

declare class TextEncoder {
  encode(text: string): Uint8Array;
}
