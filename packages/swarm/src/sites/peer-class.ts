/**
 * How near a peer is. `site`: it shares our LAN, its traffic costs nothing. `near`: another site whose label shares a beginning with
 * ours. `wan`: everybody else. Between `near` and `wan` lies a slow link like between any two sites; the difference is whom we ask first.
 */
export type PeerClass = 'site' | 'near' | 'wan';
