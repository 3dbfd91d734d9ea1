import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Link of the sidebar, or a group of links. */
export interface SidebarItem {
  readonly text: string;
  /** Path of the page from the root of the repository, without `.md`; with the anchor of a section. */
  readonly link?: string;
  readonly items?: readonly SidebarItem[];
  readonly collapsed?: boolean;
}

const page = (text: string, link: string): SidebarItem => ({ text, link: `/docs/${link}` });

/**
 * Returns the sidebar of the site. Every page of docs/ occurs once without an anchor. Some guides are sections of a page.
 *
 * @param root folder of the repository
 */
export function sidebar(root: string): SidebarItem[] {
  return [
    {
      text: 'Get started',
      items: [{ text: 'Overview', link: '/' }, page('Studio', 'studio'), page('Questions', 'faq')],
    },
    {
      text: 'Guides',
      items: [
        page('Existing bucket', 'recipes#existing-bucket'),
        page('Private images', 'recipes#private-images'),
        page('Private images of each user', 'private-images'),
        page('Many tenants', 'recipes#many-tenants'),
        page('Uploads of strangers', 'recipes#uploads-of-strangers'),
        page('Moderation', 'moderation'),
        page('Backfill', 'backfill'),
        page('Changed settings', 'operations#refresh-thumbnails-after-a-settings-change'),
        page('CloudFront', 'http-api#cloudfront'),
        page('Next.js and other frameworks', 'web-frameworks'),
        page('Pipeline of another app', 'recipes#pipeline-of-another-app'),
        page('Organisation-wide defaults', 'recipes#organisation-wide-defaults'),
        page('More recipes', 'recipes'),
        page('Monitoring', 'monitoring'),
        page('Verifying a deployment', 'verifying'),
        page('Operations', 'operations'),
        page('Recovery', 'recovery'),
        page('Containers on other platforms', 'portability'),
        page('Upgrading', 'upgrading'),
        {
          text: 'Migrating',
          collapsed: true,
          items: [
            page('Overview', 'migrating/'),
            page('From AWS Dynamic Image Transformation', 'migrating/aws-dit'),
            page('From the AWS tutorial', 'migrating/aws-tutorial'),
            page('From Firebase Resize Images', 'migrating/firebase'),
            page('From imgproxy', 'migrating/imgproxy'),
          ],
        },
      ],
    },
    {
      text: 'Reference',
      items: [
        { text: 'Constructs and props', link: '/api/' },
        page('HTTP API', 'http-api'),
        { text: 'Command line', link: '/#command-line' },
        page('Environment variables', 'environment'),
        page('Compute', 'compute'),
        page('Errors and warnings', 'troubleshooting'),
        page('Events', 'events'),
        page('Logical ids', 'logical-ids'),
        page('Compatibility', 'compatibility'),
        page('Glossary', 'glossary'),
        { text: 'Changelog', link: '/CHANGELOG' },
      ],
    },
    {
      text: 'Explanation',
      items: [
        page('Architecture', 'architecture'),
        page('Security', 'security'),
        page('Bad images', 'bad-images'),
        page('Costs', 'costs'),
        page('Performance', 'performance'),
        page('Scale', 'scale'),
        page('Comparison', 'comparison'),
        { text: 'Contributing', link: '/CONTRIBUTING' },
      ],
    },
    { text: 'Decisions', collapsed: true, items: [page('Overview', 'decisions/'), ...decisions(root)] },
  ];
}

/** Returns the pages of docs/decisions/ with their numbers and titles. */
function decisions(root: string): SidebarItem[] {
  const folder = join(root, 'docs/decisions');
  return readdirSync(folder)
    .filter((name) => /^\d{4}-.+\.md$/.test(name))
    .sort()
    .map((name) => {
      const [, title = name] = /^# (.+)$/m.exec(readFileSync(join(folder, name), 'utf8')) ?? [];
      return page(title, `decisions/${name.replace(/\.md$/, '')}`);
    });
}
