/** What somebody can do about a trouble of the engine's or the store's, by its code. */
const WAYS_OUT: Readonly<Record<string, string>> = {
  'disk-full': 'Free some space; the transfer goes on by itself.',
  'permission-denied': 'Let the agent’s user read and write there; the transfer goes on by itself.',
  'file-busy':
    'Close the program that holds the file, or let the virus scanner finish; it is tried again by itself.',
  'read-only': 'Make the file system writable again; the transfer goes on by itself.',
  'too-many-open-files': 'Raise the limit of open files of the agent’s service; it is tried again by itself.',
  'io-failed': 'Look at the disk’s health; it is tried again by itself.',
  'file-missing': 'Nothing: what is missing is fetched again. A seed needs it put back.',
  'file-changed': 'Put the file back as it was, or have the payload verified.',
  'destination-exists':
    'Move away what stands there, or order with mode "adopt" to complete it; then resume.',
  'payload-incomplete':
    'Order with mode "adopt" to fetch what is missing, or seed from where the payload is complete.',
  'metadata-unavailable': 'Name a peer that has the payload, or order with the torrent file.',
  'path-refused': 'Add the root to the configuration again, or remove the payload.',
  'torrent-missing': 'Order the payload again with its torrent.',
  'host-unknown': 'Check the spelling and the name server, or give IP addresses.',
};

/** A sentence for people; there always is one. */
export function wayOutOf(code: string): string {
  return WAYS_OUT[code] ?? 'The message says more; resume the payload when it is mended.';
}
