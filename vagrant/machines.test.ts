// The machine's other descriptions say what the Vagrantfile says, in the words that their own programs know: the dev container's
// against the properties of its specification (containers.dev/implementors/json_reference), Lima's against its documented fields.
import { existsSync, readFileSync, statSync } from 'node:fs';
import { Ajv } from 'ajv';
import test from 'ava';
import { parse } from 'yaml';
import { home } from '../workshop/paths.ts';

const read = (path: string) => readFileSync(`${home}/${path}`, 'utf8');
const port = Number(read('vagrant/pages-port'));
const container = JSON.parse(read('.devcontainer/devcontainer.json').replace(/^\s*\/\/.*$/gm, ''));
const lima = parse(read('vagrant/lima.yaml'));

const text = { type: 'string', minLength: 1 };
const truth = { type: 'boolean' };
const object = (properties: object, required: string[] = []) => ({
  ...{ type: 'object', properties, required, additionalProperties: false },
});
const list = (items: object) => ({ type: 'array', items, minItems: 1 });
const portNumber = { type: 'integer', minimum: 1, maximum: 65535 };

const containerSchema = object(
  {
    ...{ name: text, image: text, privileged: truth, remoteUser: text, postStartCommand: text },
    waitFor: { enum: ['onCreateCommand', 'updateContentCommand', 'postCreateCommand', 'postStartCommand'] },
    hostRequirements: object({
      ...{
        cpus: { type: 'integer' },
        memory: { pattern: '^\\d+([tgmk]b)?$' },
        storage: { pattern: '^\\d+([tgmk]b)?$' },
      },
    }),
    forwardPorts: list(portNumber),
    portsAttributes: {
      type: 'object',
      additionalProperties: object({
        label: text,
        onAutoForward: { enum: ['notify', 'openBrowser', 'silent', 'ignore'] },
      }),
    },
  },
  ['image'],
);

const image = {
  location: { type: 'string', pattern: '^https://.*/trixie/.*debian-13-.*\\.qcow2$' },
  arch: { enum: ['x86_64', 'aarch64'] },
  digest: { type: 'string', pattern: '^sha512:[0-9a-f]{128}$' },
};
const limaSchema = object(
  {
    minimumLimaVersion: { type: 'string', pattern: '^\\d+\\.\\d+\\.\\d+$' },
    param: { type: 'object', propertyNames: { pattern: '^[a-zA-Z][a-zA-Z0-9_]*$' }, additionalProperties: text },
    images: list(object(image, ['location', 'arch'])),
    ...{ cpus: { type: 'integer' }, memory: { pattern: '^\\d+GiB$' }, disk: { pattern: '^\\d+GiB$' } },
    mountTypesUnsupported: list({ enum: ['9p', 'reverse-sshfs', 'virtiofs'] }),
    mounts: list(object({ location: text, mountPoint: { pattern: '^/' }, writable: truth }, ['location'])),
    containerd: object({ system: truth, user: truth }),
    portForwards: list(object({ guestPort: portNumber, hostPort: portNumber })),
    provision: list(
      object({ mode: { enum: ['system', 'user', 'boot'] }, script: { pattern: '^#!/bin/sh\n' } }, ['script']),
    ),
    probes: list(object({ description: text, script: { pattern: '^#!/bin/sh\n' }, hint: text }, ['script'])),
  },
  ['images', 'mounts', 'provision'],
);

for (const [what, schema, machine] of [
  ['the dev container', containerSchema, container],
  ['Lima’s template', limaSchema, lima],
] as const) {
  test(`${what} has only fields that are documented, each of its type`, t => {
    const ajv = new Ajv({ allowUnionTypes: true, strictTypes: false });
    t.true(ajv.validate(schema, machine), ajv.errorsText());
    t.false(ajv.validate(schema, { ...machine, imgae: 'misspelled' }));
  });
}

test('each forwards the port of the workshop’s pages, and each runs the one provision script', t => {
  t.deepEqual(container.forwardPorts, [port]);
  t.deepEqual(Object.keys(container.portsAttributes), [String(port)]);
  t.deepEqual(lima.portForwards, [{ guestPort: port, hostPort: port }]);

  for (const command of [container.postStartCommand, lima.provision[0].script, read('vagrant/Vagrantfile')]) {
    t.regex(command, /provision\.sh/);
  }
  t.true((statSync(`${home}/${container.postStartCommand}`).mode & 0o111) === 0o111);
});

test('Lima’s machine exists for Intel and Apple silicon, and shares the folder that its provision script is in', t => {
  for (const arch of ['x86_64', 'aarch64']) {
    const images = lima.images.filter((each: { arch: string }) => each.arch === arch);
    t.deepEqual(
      images.map((each: { digest?: string }) => each.digest !== undefined),
      [true, false],
      'a day’s, then the latest',
    );
  }
  const [{ location, mountPoint, writable }] = lima.mounts;
  t.is(location, '{{.Param.repository}}');
  t.true(lima.provision[0].script.includes(`exec ${mountPoint}/vagrant/provision.sh --machine ${mountPoint}`));
  t.true(writable && existsSync(`${home}/vagrant/provision.sh`));
});
