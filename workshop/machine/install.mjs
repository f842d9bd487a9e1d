// What to install where Vagrant, or a program that runs machines for it, is missing; and what does without Vagrant.

/** @param {string} platform as process.platform */
export function install(platform) {
  return (byPlatform[platform] ?? byPlatform.other).join('\n      ');
}

const byPlatform = {
  darwin: [
    'brew install --cask vagrant virtualbox, then again (VMware Fusion and Parallels do as well)',
    'without Vagrant: brew install lima, then the line for Lima in vagrant/README.md',
  ],
  win32: [
    'winget install Hashicorp.Vagrant Oracle.VirtualBox, then again in a new window',
    'without Vagrant: wsl --install -d Debian; inside it the workshop needs nothing of this (vagrant/README.md)',
  ],
  other: ['install Vagrant and VirtualBox, then again (vagrant/README.md)'],
};
