// A certificate authority of the test's own, by openssl(1), and a server's certificate for 127.0.0.1.
import { execFileSync } from 'node:child_process';
import { writeFileSync } from 'node:fs';

export interface Authority {
  /** The authority's certificate, which clients are to trust. */
  ca: string;
  /** The server's, signed by it, and its private key. */
  certificate: string;
  key: string;
}

/** Paths of PEM files in the folder. */
export function makeAuthority(folder: string): Authority {
  const [ca, caKey, certificate, key, request, names] = [
    'ca.crt',
    'ca.key',
    'server.crt',
    'server.key',
    'server.csr',
    'names',
  ].map(name => `${folder}/${name}`) as [string, string, string, string, string, string];
  const openssl = (...args: string[]) => execFileSync('openssl', args, { stdio: ['ignore', 'ignore', 'pipe'] });
  const fresh = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes'];
  openssl('req', '-x509', ...fresh, '-keyout', caKey, '-out', ca, '-subj', '/CN=test authority', '-days', '2');
  openssl('req', ...fresh, '-keyout', key, '-out', request, '-subj', '/CN=127.0.0.1');
  writeFileSync(names, 'subjectAltName=IP:127.0.0.1,DNS:localhost');
  const signed = ['-CA', ca, '-CAkey', caKey, '-CAcreateserial', '-days', '2', '-extfile', names];
  openssl('x509', '-req', '-in', request, '-out', certificate, ...signed);
  return { ca, certificate, key };
}

/** A pair of keys for signatures, in PEM. Returns the paths of the private and the public one. */
export function makeKeys(folder: string, name: string): { secret: string; open: string } {
  const [secret, open] = [`${folder}/${name}.key`, `${folder}/${name}.pub`];
  const quiet = { stdio: 'ignore' } as const;
  execFileSync('openssl', ['ecparam', '-name', 'prime256v1', '-genkey', '-noout', '-out', secret], quiet);
  execFileSync('openssl', ['ec', '-in', secret, '-pubout', '-out', open], quiet);
  return { secret, open };
}
