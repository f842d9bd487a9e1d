// The Vagrantfile, as Vagrant itself reads it. Nothing is brought up, and no box is asked for: `vagrant/release` does that.
import { execFile } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import test, { type ExecutionContext } from 'ava';
import { findProgram } from '../workshop/doctor/facts.ts';
import { home } from '../workshop/paths.ts';

const folder = `${home}/vagrant`;
const program = findProgram('vagrant');
/** With a true reason in the title where there is no Vagrant. */
function here(what: string, body: (t: ExecutionContext) => Promise<void>) {
  if (program) test.serial(what, body);
  else test.skip(`${what} (Skipped: there is no vagrant on this machine.)`, body);
}

/** A program, or Vagrant, with a home of its own, and a proxy that nobody listens at for whatever would ask the network. */
function run(t: ExecutionContext, command: string, args: string[], env: NodeJS.ProcessEnv = {}) {
  const own = mkdtempSync(`${tmpdir()}/boxwright-vagrant-`);
  t.teardown(() => rmSync(own, { recursive: true, force: true }));
  const nowhere = 'http://127.0.0.1:9';
  const network = { http_proxy: nowhere, https_proxy: nowhere, VAGRANT_CHECKPOINT_DISABLE: '1' };
  const folders = { VAGRANT_HOME: `${own}/home`, VAGRANT_DOTFILE_PATH: `${own}/dot` };
  return new Promise<{ status: number; said: string }>(resolve => {
    const options = { cwd: folder, env: { ...process.env, ...network, ...folders, ...env } };
    execFile(command, args, options, (error, stdout, stderr) => {
      resolve({ status: error ? Number(error.code) : 0, said: stdout + stderr });
    });
  });
}

/** What Vagrant makes of it for a provider, also for one whose plugin is not here: then only the provider's own block goes unread. */
async function settings(t: ExecutionContext, provider: string, env: NodeJS.ProcessEnv = {}) {
  const ask = `require 'vagrant'
require 'json'
settings, = Vagrant::Environment.new(cwd: ARGV[0]).vagrantfile.machine_config(:default, ARGV[1].to_sym, nil, nil, false)
  .values_at(:config).map(&:vm)
own = settings.get_provider_config(ARGV[1].to_sym)
puts JSON.generate(
  box: settings.box, version: settings.box_version, url: settings.box_url,
  folders: settings.synced_folders.values.reject { |each| each[:disabled] },
  ports: settings.networks.filter_map { |type, each| each if type == :forwarded_port && each[:id] != 'ssh' },
  provision: settings.provisioners.map { |each| [each.type, each.run, each.config.path, *each.config.args] },
  own: own.instance_variables.to_h { |name| [name.to_s[1..], own.instance_variable_get(name).to_s] })`;
  const { status, said } = await run(t, 'ruby', ['-e', ask, folder, provider], env);
  if (status !== 0) throw new Error(said);
  return JSON.parse(said);
}

here('`vagrant validate` finds nothing to object to, and a number that is none is objected to', async t => {
  const { status, said } = await run(t, 'vagrant', ['validate', '--ignore-provider']);
  t.is(status, 0, said);
  t.regex(said, /validated successfully/);
  t.not((await run(t, 'vagrant', ['validate', '--ignore-provider'], { BOXWRIGHT_CPUS: 'two' })).status, 0);
});

for (const [provider, box, share] of [
  ['virtualbox', 'bento/debian-13', undefined],
  ['vmware_desktop', 'bento/debian-13', undefined],
  ['parallels', 'bento/debian-13', undefined],
  ['libvirt', 'debian/trixie64', 'virtiofs'],
  ['qemu', 'cloud-image/debian-13', 'smb'],
] as const) {
  here(
    `${provider}: Debian 13 named by version, the repository shared, the pages’ port, the provision script at every start`,
    async t => {
      const found = await settings(t, provider);
      t.is(found.box, box);
      t.regex(found.version, /^[\d.]{10,}$/, 'a version, no range');
      t.is(found.folders.length, 1);
      t.is(`${found.folders[0].hostpath} at ${found.folders[0].guestpath}`, '.. at /boxwright');
      t.is(found.folders[0].type, share);
      const port = Number(readFileSync(`${folder}/pages-port`, 'utf8'));
      t.like(found.ports, [{ guest: port + 10_000, host: port, host_ip: '127.0.0.1' }]);
      t.deepEqual(found.provision, [['shell', 'always', 'provision.sh', '--machine', '/boxwright']]);
    },
  );
}

here('the environment says how large the machine is, what it is called, and which box it is', async t => {
  const env = { BOXWRIGHT_CPUS: '3', BOXWRIGHT_MEMORY: '3000', BOXWRIGHT_NAME: 'mine', BOXWRIGHT_SHARE: 'nfs' };
  const libvirt = await settings(t, 'libvirt', { ...env, BOXWRIGHT_BOX: 'my/box' });
  t.like(libvirt.own, { cpus: '3', memory: '3000', title: 'mine' });
  t.like(libvirt, { box: 'my/box', version: '>= 0', url: null });
  t.is(libvirt.folders[0].type, 'nfs');

  const address = { BOXWRIGHT_BOX_URL: 'https://example.com/debian.box' };
  const parallels = await settings(t, 'parallels', { ...env, ...address });
  t.like(parallels.own, { cpus: '3', memory: '3000', name: 'mine' });
  t.like(parallels, { box: 'bento/debian-13', version: '>= 0', url: [address.BOXWRIGHT_BOX_URL] });
  t.is((await settings(t, 'qemu', { ...env, BOXWRIGHT_BOX_VERSION: '1.2.3' })).version, '1.2.3');
});
