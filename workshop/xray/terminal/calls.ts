// The system calls that made it, where they are known.
import { showTrace } from '../../terminal/trace.ts';
import type { Xray } from '../types.ts';
import type { Section } from './words.ts';

export const callsSection = ({ calls }: Xray, width: number): Section => ({
  title: 'System calls that made it',
  lines: calls ? showTrace(calls, width) : [],
});
