// Decides whether the workshop runs here or in a machine. A file of its own, because every start reads it.

/** True where there is no Linux kernel. BOXWRIGHT_MACHINE=here keeps the workshop out all the same, for what needs none. */
export function belongsElsewhere(platform, env) {
  return platform !== 'linux' && env.BOXWRIGHT_MACHINE !== 'here';
}
