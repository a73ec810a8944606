/** Where the token is kept: in the tab, and gone with it. Never in an address, a cookie, or anything that outlives the tab. */
export interface TokenStore {
  get(): string | undefined;
  set(token: string | undefined): void;
}

const KEY = 'brine-token';

export class SessionTokenStore implements TokenStore {
  readonly #storage: Storage;

  constructor(storage: Storage) {
    this.#storage = storage;
  }

  get(): string | undefined {
    return this.#storage.getItem(KEY) ?? undefined;
  }

  set(token: string | undefined): void {
    if (token === undefined) this.#storage.removeItem(KEY);
    else this.#storage.setItem(KEY, token);
  }
}
