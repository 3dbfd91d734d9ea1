import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';

/** Link of the sidebar, or a group of links. */
export interface SidebarItem {
  readonly text: string;
  /** Path of the page from the root of the repository, without `.md`. The path can end with the anchor of a section. */
  readonly link?: string;
  readonly items?: readonly SidebarItem[];
  readonly collapsed?: boolean;
}

const page = (text: string, link: string): SidebarItem => ({ text, link: `/docs/${link}` });

/**
 * Returns the sidebar of the site. The sidebar links to every page of docs/ once, and also to the guides that are sections of a
 * page.
 *
 * @param root folder of the repository
 */
export function sidebar(root: string): SidebarItem[] {
  return [
    {
      text: 'Get started',
      items: [
        { text: 'Overview', link: '/' },
        page('Python, Java, C# and Go', 'guides/languages'),
        page('Studio', 'guides/studio'),
        page('Questions', 'reference/faq'),
      ],
    },
    {
      text: 'Guides',
      items: [
        page('Existing bucket', 'guides/recipes#existing-bucket'),
        page('Source bucket in another account', 'guides/cross-account'),
        page('Development, staging and production', 'guides/environments'),
        page('Private images', 'guides/recipes#private-images'),
        page('Private images of each user', 'guides/private-images'),
        page('Many tenants', 'guides/recipes#many-tenants'),
        page('Uploads of strangers', 'guides/recipes#uploads-of-strangers'),
        page('Moderation', 'guides/moderation'),
        page('Backfill', 'guides/backfill'),
        page('Changed settings', 'guides/operations#refresh-thumbnails-after-a-settings-change'),
        page('CloudFront', 'reference/http-api#cloudfront'),
        page('Next.js and other frameworks', 'guides/web-frameworks'),
        page('Pipeline of another app', 'guides/recipes#pipeline-of-another-app'),
        page('Organisation-wide defaults', 'guides/recipes#organisation-wide-defaults'),
        page('More recipes', 'guides/recipes'),
        page('Monitoring', 'guides/monitoring'),
        page('Verifying a deployment', 'guides/verifying'),
        page('Operations', 'guides/operations'),
        page('Recovery', 'guides/recovery'),
        page('Containers on other platforms', 'guides/portability'),
        page('Upgrading', 'guides/upgrading'),
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
        { text: 'Constructs and props', link: '/API' },
        page('HTTP API', 'reference/http-api'),
        { text: 'Command line', link: '/#command-line' },
        page('Environment variables', 'reference/environment'),
        page('Compute', 'reference/compute'),
        page('Error codes', 'reference/error-codes'),
        page('Troubleshooting', 'reference/troubleshooting'),
        page('Metrics and alarms', 'reference/metrics'),
        page('Events', 'reference/events'),
        page('Logical ids', 'reference/logical-ids'),
        page('Compatibility', 'reference/compatibility'),
        page('Glossary', 'reference/glossary'),
        { text: 'Changelog', link: '/CHANGELOG' },
      ],
    },
    {
      text: 'Explanation',
      items: [
        page('Architecture', 'explanation/architecture'),
        page('Security', 'explanation/security'),
        page('Bad images', 'explanation/bad-images'),
        page('Costs', 'explanation/costs'),
        page('Performance', 'explanation/performance'),
        page('Scale', 'explanation/scale'),
        page('Comparison', 'explanation/comparison'),
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
