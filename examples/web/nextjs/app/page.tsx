import Image from 'next/image';
import type { ReactElement } from 'react';

export default function Page(): ReactElement {
  return (
    <main>
      <h1>Photos</h1>
      <Image src="trip/my cat.jpg" width={320} height={240} alt="A cat" />
      <Image src="trip/dog.jpg" width={1200} height={900} sizes="100vw" alt="A dog" preload />
    </main>
  );
}
