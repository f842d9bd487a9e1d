// A Vagrant box of Debian 13 for libvirt, made on the spot: a stand-in for the published one that needs no download of it and
// boots without KVM. Its own Vagrantfile says how, so that the project's need not know. What provision.sh would install is in
// it already, because the machine that it becomes has no network.
import { mkdirSync, readdirSync, writeFileSync } from 'node:fs';
import { zx } from './zx.ts';

const packages = [
  // A machine that Vagrant can log in to
  ...['linux-image-amd64', 'initramfs-tools', 'systemd-sysv', 'dbus', 'libpam-systemd', 'udev', 'kmod', 'iproute2'],
  ...['openssh-server', 'sudo'],
  // What provision.sh installs, and the project's set-up after it
  ...['nodejs', 'npm', 'git', 'ca-certificates', 'gcc', 'make', 'libc6-dev', 'busybox-static', 'nftables', 'uidmap'],
];

/** Vagrant's well-known public key; at the first start Vagrant puts one of its own in its place. */
const key =
  'ssh-rsa AAAAB3NzaC1yc2EAAAABIwAAAQEA6NF8iallvQVp22WDkTkyrtvp9eWW6A8YVr+kz4TjGYe7gHzIw+niNltGEFHzD8+v1I2YJ6oXevct1YeS0o9HZyN1Q9qgCgzUFtdOKLv6IedplqoPkcmF0aYet2PkEDo3MlTBckFXPITAMzF8dJSIFo9D8HfdOV0IAdx4O7PtixWKn5y2hMNG0zQPyUecp4pzC6kivAIhyfHilFR61RGL+GPXQ2MWZWFYbAGjyiYJnAmCP3NOTd0jMZEnDkbUvxhMmBYSdETk1rRgm+R4LOzFUGaHqHDLKLX+FIPKcF96hrucXzcWyLbIbEgE98OHlnVYCzRdK8jlqm8tehUc9c9WhQ== vagrant insecure public key';

/** Debian 13's tree in `folder`, a new one; `modules` is a node_modules folder for it. As root. */
export async function makeTree(folder: string, modules: string): Promise<void> {
  const files: Record<string, string> = {
    'etc/fstab': '/dev/vda / ext4 errors=remount-ro 0 1\n',
    'etc/systemd/network/lan.network': '[Match]\nName=eth*\n[Network]\nDHCP=yes\n[DHCPv4]\nClientIdentifier=mac\n',
    'etc/sudoers.d/vagrant': 'vagrant ALL=(ALL) NOPASSWD: ALL\n',
    'home/vagrant/.ssh/authorized_keys': `${key}\n`,
  };
  const initramfs = 'MODULES=list\nCOMPRESS=lz4\n';
  const hooks = [
    // Before the kernel is configured: an initial RAM disk of what this machine has, and no more, is unpacked sooner.
    `--essential-hook=mkdir -p "$1/etc/initramfs-tools/conf.d"`,
    `--essential-hook=printf '${initramfs}' >"$1/etc/initramfs-tools/conf.d/box"`,
    `--essential-hook=printf 'virtio_pci\\nvirtio_blk\\next4\\n' >"$1/etc/initramfs-tools/modules"`,
    `--customize-hook=chroot "$1" useradd --create-home --shell /bin/bash --groups sudo vagrant`,
    '--customize-hook=mkdir -p "$1/home/vagrant/.ssh" "$1/etc/systemd/network" "$1/var/lib/boxwright"',
    ...Object.entries(files).map(([path, text]) => `--customize-hook=printf '%s' '${text}' >"$1/${path}"`),
    '--customize-hook=chroot "$1" chown -R vagrant: /home/vagrant',
    '--customize-hook=chroot "$1" systemctl enable systemd-networkd',
    // Ten thousand small files are read from the disk ten times sooner than over the wire of a shared folder.
    `--customize-hook=cp -a '${modules}' "$1/var/lib/boxwright/node_modules"`,
  ];
  const lean = ['doc', 'man', 'locale', 'info'].map(name => `--dpkgopt=path-exclude=/usr/share/${name}/*`);
  const [variant, include] = ['--variant=minbase', `--include=${packages.join(',')}`];
  await zx`mmdebstrap ${variant} ${include} ${lean} ${hooks} trixie ${folder}`;
}

/** The box's folder, as Vagrant keeps it once it is added: an image, what it is, and how to boot it. */
export async function makeBox(tree: string, folder: string): Promise<void> {
  mkdirSync(folder, { recursive: true });
  const boot = readdirSync(`${tree}/boot`);
  const named = (start: string) => boot.find(name => name.startsWith(start)) ?? '';
  await zx`cp ${tree}/boot/${named('vmlinuz-')} ${folder}/vmlinuz`;
  await zx`cp ${tree}/boot/${named('initrd.img-')} ${folder}/initrd.img`;

  const raw = `${folder}/box.raw`;
  await zx`truncate --size 4G ${raw}`;
  await zx`mke2fs -q -t ext4 -d ${tree} ${raw}`;
  await zx`qemu-img convert -f raw -O qcow2 ${raw} ${folder}/box.img`;
  await zx`rm ${raw}`;

  writeFileSync(`${folder}/metadata.json`, JSON.stringify({ provider: 'libvirt', format: 'qcow2', virtual_size: 4 }));
  writeFileSync(`${folder}/Vagrantfile`, vagrantfile);
}

const vagrantfile = `Vagrant.configure('2') do |config|
  config.vm.provider 'libvirt' do |box|
    box.driver = 'qemu'
    # Without AVX, which QEMU emulates since 7.2, and not well enough for Node.
    box.cpu_mode = 'custom'
    box.cpu_model = 'Nehalem'
    box.kernel = File.join(__dir__, 'vmlinuz')
    box.initrd = File.join(__dir__, 'initrd.img')
    box.cmd_line = 'root=/dev/vda rw net.ifnames=0 console=ttyS0 quiet mitigations=off'
    box.disk_bus = 'virtio'
  end
end
`;
