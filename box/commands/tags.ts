// `box tags`: which tags a repository has.
import type { Command } from 'commander';
import { listTags } from '#16-registry';
import { type RegistryOptions, registryCommand, transfer } from '../common.ts';

export function register(program: Command): void {
  program.addCommand(
    registryCommand('tags', 'list the tags of a repository')
      .argument('<name>', 'alpine, registry.example/team/app')
      .option('--json', 'as JSON')
      .action(async (name: string, options: RegistryOptions & { json?: boolean }) => {
        const tags = await transfer(options, how => listTags(name, how));
        console.log(options.json ? JSON.stringify(tags) : tags.join('\n'));
      }),
  );
}
