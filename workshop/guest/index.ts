// A throw-away Linux machine for one command: what the rest of the workshop may use of it.
import { constants } from 'node:os';
import { delimiter } from 'node:path';
import { accessSync } from 'node:fs';
import { UserError } from '../errors.ts';
import { chooseKernel } from './features.ts';
import type { GuestOptions } from './options.ts';
import { findQemu, qemuPackage } from './qemu.ts';
import { isSetUp } from './setup.ts';

export { features, type Kernel } from './features.ts';
export type { GuestOptions } from './options.ts';
export { type GuestResult, prepare, runInGuest } from './run.ts';
