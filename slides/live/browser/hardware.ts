// The machine that v86 plays: the same when the kernel was booted, in Node, and where its state is restored. Keys come over the serial line.
// v86 puts an initramfs at 64 MB, so less memory than this does not boot.
export const hardware = {
  memory_size: 128 * 1024 * 1024,
  vga_memory_size: 1024 * 1024,
  disable_keyboard: true,
  disable_mouse: true,
  disable_speaker: true,
};

/** Of the terminal: what guest/start tells the kernel. A line of a demo, its prompt included, fits. */
export const size = { cols: 80, rows: 14 };
