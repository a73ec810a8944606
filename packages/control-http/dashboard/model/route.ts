/** Where somebody is on the page. It stands in the address behind the `#`, so that links and the back button work. */
export type Route =
  | { readonly view: 'payloads' }
  | { readonly view: 'payload'; readonly name: string }
  | { readonly view: 'add' }
  | { readonly view: 'limits' }
  | { readonly view: 'activity' };

export function parseRoute(hash: string): Route {
  const [, view, name] = hash.split('/');
  if (view === 'add' || view === 'limits' || view === 'activity') return { view };
  return view === 'payloads' && name ? { view: 'payload', name: decodeName(name) } : { view: 'payloads' };
}

export function hashOf(route: Route): string {
  switch (route.view) {
    case 'payload':
      return `#/payloads/${encodeURIComponent(route.name)}`;
    case 'payloads':
      return '#/';
    case 'add':
    case 'limits':
    case 'activity':
      return `#/${route.view}`;
  }
}

/** The token that `brine dashboard` puts behind the `#`, where it is never sent to anybody. */
export function tokenIn(hash: string): string | undefined {
  return /^#token=([^&]+)$/.exec(hash)?.[1];
}

function decodeName(name: string): string {
  try {
    return decodeURIComponent(name);
  } catch {
    // Typed by hand; there is no such payload then.
    return name;
  }
}
