// Where a lesson finds its images, and puts its containers: on a tmpfs, so that one more overlay can stand on it.
export const stateFolder = '/run/boxwright';
