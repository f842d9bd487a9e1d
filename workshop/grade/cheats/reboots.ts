// lesson: 01
// on: starter
// points: 0
// what it tries: switches the machine off: a submission without a verdict might be marked by hand.
import * as linux from '#linux';

const box = await linux.Process.start();
for (const how of [0x4321fedc, 0x01234567, 0xcdef0123])
  await box.syscall('reboot', 0xfee1dead, 672274793, how, null).catch(() => {});
