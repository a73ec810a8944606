import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

import { HostPolicy } from '../../packages/swarm/src/node/host-policy.ts';
import { NodeHttp } from '../../packages/swarm/src/node/node-http.ts';
import { httpContract } from './http.ts';

httpContract('The Node HTTP', async (serve) => {
  const server = createServer((request, response) => {
    const served = serve(request.url ?? '');
    if (served !== 'nothing') response.writeHead(served.status).end(served.body);
  });
  await new Promise<void>((listening) => {
    server.listen(0, '127.0.0.1', listening);
  });
  return {
    http: new NodeHttp({ hostPolicy: new HostPolicy({ allowLoopback: true }) }),
    origin: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    until: (promise) => promise,
    close: () =>
      new Promise((closed) => {
        server.close(() => closed());
        server.closeAllConnections();
      }),
  };
});
