// What the drawings' parts mean lies where browsers may load it too.
export { type Explanation, explanations } from '../browser/explanations.ts';
