import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { promisify } from 'node:util';

const run = promisify(execFile);

/** A certificate for names and addresses that signs itself, made by openssl; PEM. */
export async function makeCertificate(
  folder: string,
  name: string,
  names = 'IP:127.0.0.1',
): Promise<{
  readonly cert: string;
  readonly key: string;
  readonly certFile: string;
  readonly keyFile: string;
}> {
  const [certFile, keyFile] = [join(folder, `${name}.pem`), join(folder, `${name}.key`)];
  const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', keyFile];
  const subject = ['-subj', `/CN=${name}`, '-addext', `subjectAltName=${names}`];
  await run('openssl', ['req', '-x509', '-days', '2', ...key, ...subject, '-out', certFile]);
  return { cert: await readFile(certFile, 'utf8'), key: await readFile(keyFile, 'utf8'), certFile, keyFile };
}
