// The test images: every kind of entry, every way to pack one, and whatever layers do to each other. A recipe is a shell script;
// make.ts says what it may use.
import { rmSync } from 'node:fs';
import { mediaTypes } from '#images';
import { fromDir, image, recompressed, sh, shell, type TestImage, toZstd } from './make.ts';

/** A tree with something of everything, for images whose point is how they are packed. */
const something = sh`
  put bin/tool; chmod 4755 bin/tool; put etc/name; ln etc/name etc/alias; ln -s ../bin/tool etc/link; mkfifo pipe
  layer
  put etc/name new; rm -rf x; put etc/.wh.alias ''; mkdir -p srv/data; put srv/data/.wh..wh..opq ''; mknod null c 1 3
  layer
  put bin/tool again; head -c 300000 /dev/urandom >noise
  layer
`;

const sparse = sh`
  truncate -s 3M holes; for at in 0 1 7 11 40; do printf 'data %s' $at | dd of=holes bs=64K seek=$at conv=notrunc status=none; done
  truncate -s 1M empty; truncate -s 700001 ends; echo start | dd of=ends conv=notrunc status=none
  truncate -s 500K begins; echo end >>begins
  truncate -s 20M many; for at in $(seq 0 2 99); do echo $at | dd of=many bs=100K seek=$at conv=notrunc status=none; done
  long=$(printf 'n%.0s' {1..200}); cp --sparse=always holes $long
  mkdir "in"; mv -- * "in" 2>/dev/null || true; echo after >z
  find . -exec touch -d @1600000000 {} +
`;

export const images: TestImage[] = [
  image(
    'entries of every type',
    sh`
    put file; : >empty; mkdir -p dir/sub; ln -s file relative; ln -s /dir absolute; ln -s nowhere dangling; ln -s loop loop
    ln file hard; mkfifo -m 620 fifo; mknod -m 666 null c 1 3; mknod block b 7 200; mknod large c 4095 1048575; chown 7:8 block fifo null
    layer
    rm -rf dir; put dir/sub/file; rm -f fifo; mknod fifo b 8 1; mkfifo null; ln -s elsewhere file; put absolute 'a file now'; put block file
    layer`,
  ),
  image(
    'whiteouts',
    sh`
    for each in file dir/a dir/b dir/sub/c again/x stays/x both/lower both/keep; do put $each; done
    ln -s file link; ln file hard; mkfifo fifo; mkdir -m 700 empty
    layer
    mkdir dir both again; for each in .wh.file .wh.link .wh.fifo .wh.empty .wh.none dir/.wh.a dir/.wh.sub .wh.again; do : >$each; done
    # A whiteout hides what is below its layer, and not what stands beside it, whichever comes first.
    put both/.wh.lower ''; put both/lower upper; put dir/z
    layer
    put file 'back again'; put again/y; mkdir dir; : >dir/.wh.none
    layer`,
  ),
  image(
    'a whiteout behind what it does not hide',
    sh`
    put dir/a lower; put dir/b lower; layer
    put dir/a upper; put dir/.wh.a ''; put dir/.wh.b ''
    pack ../layer.tar --no-recursion dir dir/a dir/.wh.a dir/.wh.b; finish`,
  ),
  image(
    'opaque directories',
    sh`
    for each in first last nested/sub deep/er/est alone; do put $each/old; put $each/older/file; done
    layer
    for each in first last nested/sub alone; do mkdir -p $each; : >$each/.wh..wh..opq; done
    put first/new; put last/new; put last/older/new; put nested/sub/new; mkdir deep; : >deep/.wh..wh..opq
    pack ../layer.tar --no-recursion first first/.wh..wh..opq first/new last last/new last/older last/older/new last/.wh..wh..opq \
      nested nested/sub nested/sub/.wh..wh..opq nested/sub/new deep deep/.wh..wh..opq alone alone/.wh..wh..opq
    finish
    mkdir -p first deep/er; put first/old 'of the third'; put deep/er/file
    layer`,
  ),
  image(
    'hard links across layers',
    sh`
    put a/one; ln a/one a/two; mkdir b; ln a/one b/three; put c/x; ln c/x c/y; put solo
    layer
    # One of three gets content of its own; one of two goes; a new name for what the layer below has.
    mkdir a c; put a/one changed; put c/.wh.x ''; layer
    mkdir b; put solo; ln solo b/solo; ln solo z; pack ../layer.tar --sort=name solo b z; tar --delete --file ../layer.tar b/solo
    finish
    # The same once more, with a target that is below.
    put solo; ln solo y; pack ../layer.tar solo y; tar --delete --file ../layer.tar solo; finish`,
  ),
  image(
    'hard links to what is no file',
    sh`
    ln -s target link; ln -P link link2; mkfifo fifo; ln fifo fifo2; mknod dev c 1 5; ln dev dev2; mkdir d; ln -s ../d d/s; ln -P d/s d/t
    layer --xattrs-exclude='*'`,
  ),
  image(
    'a directory replaced by a link and back',
    sh`
    put usr/lib/a; put lib/old; put lib/sub/old; put opt/x
    layer
    ln -s usr/lib lib; ln -s /usr/lib opt; put usr/lib/b
    layer
    put lib/new; chmod 711 lib; mkdir opt
    layer`,
  ),
  image(
    'a file replaces a directory, and a directory a file',
    sh`
    put one/sub/file; put two; mkfifo three; mkdir -m 700 four; put six/a/b; ln -s two five
    layer
    put one 'a file'; put two/file; mkdir -m 711 three; mknod four c 1 3; mkdir five; put six/a
    layer
    put one/again; put two; put six/a/b/c
    layer`,
  ),
  image(
    'xattrs and capabilities',
    sh`
    put file; put cap; put root; put owned; mkdir dir; ln -s file link; mkfifo fifo
    setfattr -n user.text -v 'some text' file; setfattr -n user.binary -v 0x00ff80c3280a3d25 file; put hollow; setfattr -n user.empty hollow
    setfattr -n user.long -v "$(printf 'x%.0s' {1..1500})" file; setfattr -n user.naïve -v 0xe2 file
    setfattr -n trusted.secret -v 0xdeadbeef00 file; setfattr -n trusted.dir -v 0x80 dir; setfattr -n user.dir -v d dir
    setfattr -h -n trusted.link -v 0x8081 link; setfattr -n trusted.fifo -v fifo fifo
    setcap cap_setuid,cap_net_raw=ep cap; setcap -n 100000 cap_chown,cap_sys_chroot+i root
    # Who gives a file away takes its capabilities and setuid bit from it, so the order matters.
    chown 1000:1000 owned; chmod 6755 owned; setfattr -n security.capability -v 0x0100000280ff0000008000000100000000000000 owned
    for each in file cap dir; do cp -a $each again-$each; done
    layer
    # What is replaced has the new attributes only; a directory that comes again, too.
    mkdir again-dir; put again-file; setfattr -n user.other -v new again-file; put again-cap
    layer`,
  ),
  image(
    'setuid, modes and directories without any',
    sh`
    for mode in 0000 0111 0200 0444 0777 1644 2755 4755 6711 7777; do put $mode; chown 1234:4321 $mode; chmod $mode $mode; done
    mkdir -m 0000 closed; put closed/file; mkdir closed/sub; chmod 0 closed/sub; mkdir -m 7777 open; mkdir -m 1777 tmp; mkdir -m 2070 group
    put unwritable/deep/er/file; chmod 500 unwritable unwritable/deep; chown -R 99:99 unwritable
    layer
    mkdir -m 0000 closed; put closed/file2; mkdir -m 3700 group; mkdir -m 4500 unwritable; put unwritable/deep/more; chmod 100 unwritable/deep
    layer`,
  ),
  image(
    'long names',
    sh`
    n() { printf "$1%.0s" $(seq $2); }
    for format in pax gnu; do
      mkdir $format; cd $format
      for size in 90 91 92 93 94 95 96 97 98 99 100 101 200 255; do put $(n n $size); done
      deep=$(n d 120)/$(n e 120)/$(n f 120); put $deep/$(n g 250); mkdir $deep/dir; ln $deep/$(n g 250) hard
      for size in 98 99 100 101 300 2000; do ln -s $(n t/ $((size / 2))) link$size; done; ln -s $(n s 100) $deep/$(n h 200)
      cd ..; plain --format=$format
    done
    mkdir ustar; cd ustar; deep=$(n p 74)/$(n q 74); put $deep/$(n r 100); put $deep/x; put $(n s 94); cd ..; plain --format=ustar`,
  ),
  image(
    'names in every language, and in none',
    sh`
    names() {
      mkdir $1; cd $1; for name in é $'e\u0301' 日本語 🐙 $'\xe9' $'caf\xe9' $'\xff\xfe' $'\xed\xa0\x80' $'\xf0\x9f' $'\xc3\xa9\xe9' ' ' ' a ' '-rf' '*' \
        $'new\nline' $'tab\t' 'a\b' 'a"b' "a'b" $'\x01\x7f' .hidden ... '$(id)' $'\u202egnp' $'\ufeffbom' $'%41=%3D' .whatever wh.at; do put "./$name" x; done
      ln -s $'\xe9' $'link\xe8'; ln $'./\xff\xfe' $'./hard\xfd'; mkdir $'dir\xe9'; put $'dir\xe9/日本'; ln -s 日本 語; ln -- ./日本語 hard; cd ..
    }
    names pax; layer
    names gnu; plain --format=gnu
    mkdir pax gnu; : >$'pax/.wh.caf\xe9'; : >gnu/.wh.日本語; : >$'gnu/.wh.dir\xe9'; layer`,
  ),
  image(
    'the formats of tar',
    sh`
    for format in v7 oldgnu gnu ustar pax; do
      put $format/file; chmod 4711 $format/file; ln -s file $format/link; ln $format/file $format/hard; mkdir -m 750 $format/dir; chown 3:4 $format/dir
      case $format in v7) ;; *) mkfifo $format/fifo; mknod $format/null c 1 3; mknod $format/disk b 259 300 ;; esac
      plain --format=$format
    done
    put named; chown 12:34 named; tar -cf ../layer.tar --owner=nobody:1212 --group=nogroup:3434 named; finish`,
  ),
  image(
    'a global header, as git makes one',
    sh`
    put src/file; put README; ln -s src/file link; git -c init.defaultBranch=main init -q; git add src README link
    git -c user.name=x -c user.email=x@localhost commit -qm x
    git archive --format=tar HEAD >../layer.tar; tail -c +1025 ../layer.tar >../twin.tar; twin ../twin.tar; finish`,
  ),
  ...['gnu', 'oldgnu'].map(format =>
    image(
      `sparse files, ${format}`,
      `${sparse} pack ../twin.tar --format=pax *; twin ../twin.tar; plain --sparse --format=${format}`,
    ),
  ),
  ...['0.0', '0.1', '1.0'].map(version =>
    image(`sparse files, PAX ${version}`, `${sparse} layer --sparse --sparse-version=${version}`),
  ),
  image(
    'huge ids',
    sh`
    for format in pax gnu; do
      for id in 0 65535 2097151 2097152 16777216 2147483647 2147483648 4294967293 4294967294; do
        put $format/$id; chown $id:$((4294967294 - id)) $format/$id; done
      ln -s x $format/link; chown -h 3000000000:3000000001 $format/link; mkdir $format/dir; chown 4294967294:7 $format/dir
      plain --format=$format
    done`,
  ),
  image(
    'times before 1970, and with nanoseconds',
    sh`
    at() { put $1; touch -hd "$2" $1; }
    times() {
      for at in -1 -0.5 -0.000000001 0 0.000000001 -2147483648 -1000000000.987654321 1700000000.123456789 1700000000.000000001 4294967296.5 9000000000; do
        at $1/at$at @$at; done
      ln -s x $1/link; touch -hd @-5.25 $1/link; mkfifo $1/fifo; touch -d @-7.75 $1/fifo; mkdir $1/dir; touch -d @-9.125 $1/dir $1
    }
    times pax; layer
    times gnu; plain --format=gnu`,
  ),
  image(
    'directories whose time outlives their children',
    sh`
    put a/b/c/file; put a/late; put d/x; touch -d @1000.5 a/b/c a/b; touch -d @2000.5 a d; layer
    # Later layers put something in, and take something out, with and without an entry for the directory.
    mkdir -p a/b; put a/b/new; touch -d @3000.5 a/b; touch -d @4000.5 a; layer
    mkdir d; : >d/.wh.x; touch -d @5000.5 d; layer
    put a/more; pack ../layer.tar a/more; finish
    put a/b/c/.wh.file ''; pack ../layer.tar a/b/c/.wh.file; finish`,
  ),
  image(
    'entries in any order, and without their parents',
    sh`
    put a/b/c; put x/y/z; chmod 700 a a/b; chmod 750 x; touch -d @1000 a/b a x/y; chown 5:6 a/b
    pack ../layer.tar --no-recursion a/b/c a/b x/y/z x a; finish
    # Nobody says what these directories are like.
    put n/m/file; put a/n/file; pack ../layer.tar --no-recursion n/m/file a/n/file; finish`,
  ),
  image(
    'names with ./, / and // in front, inside and behind',
    sh`
    dot() { put one/file; ln one/file one/hard; ln -s file one/link; mkdir one/dir; }
    dot; chmod 700 .; touch -d @1000 .; pack ../layer.tar .; finish
    dot; pack ../layer.tar -P --transform='flags=rhS;s,^one,/two,' one; finish
    dot; pack ../layer.tar -P --transform='flags=rhS;s,^one,.//three/./x//,' one; finish
    dot; pack ../layer.tar -P --transform='flags=rhS;s,^one,/./four/.,' one; finish
    mkdir one; : >one/.wh.hard; pack ../layer.tar --transform='s,^,./,' one/.wh.hard; finish
    chmod 711 .; chown 1:2 .; pack ../layer.tar --no-recursion .; finish; chown 0:0 .`,
  ),
  image(
    'slashes behind names',
    sh`
    put file; put dir/x; ln -s file link; ln -s dir dirlink
    pack ../layer.tar -P --transform='flags=rS;s,^\(link\|dirlink\)$,\1/,' --no-recursion dir dir/x file link dirlink; finish
    # Without a slash, as some writers name directories; with one, as the oldest do.
    put old/x; pack ../layer.tar --format=v7 old; finish`,
  ),
  image(
    'the same name twice in a layer',
    sh`
    put a first; put b; put d/x; pack ../layer.tar a b d; put a second; tar -rf ../layer.tar a; rm b; mkdir b; tar -rf ../layer.tar b
    rm -r d; put d file; tar -rf ../layer.tar d; rm a; ln d a; tar -rf ../layer.tar d a; finish
    put a; ln a h; pack ../layer.tar a h; put a2; rm h; ln a2 h; tar -rf ../layer.tar a2 h; finish`,
  ),
  image(
    'empty layers, and the same one twice',
    sh`
    put keep; layer; touch ../layer.tar; : >../layer.tar; add ../layer.tar; head -c 1024 /dev/zero >../layer.tar; add ../layer.tar
    pack ../layer.tar --files-from=/dev/null; add ../layer.tar
    put twice/file; put twice/other; pack ../twice.tar twice; add ../twice.tar; find . -mindepth 1 -delete
    mkdir twice; : >twice/.wh.file; put twice/other changed; put twice/third; layer; add ../twice.tar; add ../twice.tar`,
  ),
  image('no layers', ''),
  image(
    'a hundred small layers',
    sh`
    for i in {1..100}; do
      mkdir -p usr/lib/$i shared/d$((i % 7)); seq $i 9000 | split -b 2200 - usr/lib/$i/part; seq $i >shared/d$((i % 7))/$((i % 30)); seq $i >shared/$i
      [ $((i % 10)) != 0 ] || { : >shared/.wh.$((i - 5)); : >usr/lib/.wh.$((i - 9)); }
      layer
    done`,
  ),
  image(
    'archives that end in their own way',
    sh`
    put big "$(seq 100000)"; pack ../layer.tar --blocking-factor=2048 big; finish
    put no/end; pack ../layer.tar --blocking-factor=1 no; head -c -1024 ../layer.tar >../cut; add ../cut; find . -mindepth 1 -delete
    put half/end; pack ../layer.tar --blocking-factor=1 half; head -c -512 ../layer.tar >../cut; add ../cut; find . -mindepth 1 -delete
    put one/more; pack ../layer.tar one; put two; pack ../second.tar two; cat ../layer.tar ../second.tar >../both; add ../both; rm -r one two
    put noise/after; pack ../layer.tar noise; head -c 5000 /dev/urandom >>../layer.tar; add ../layer.tar; rm -r noise
    # This tool leaves out the last file's padding.
    put inserted 'one line'; umoci insert --image "$layout:image" inserted /inserted`,
  ),
  image(
    'layers made by umoci itself',
    sh`
    put etc/a; put etc/b; put usr/lib/x; put gone/file; ln -s usr/lib lib; put one; ln one two; put cap; setcap cap_setuid=ep cap; layer
    umoci unpack --image "$layout:image" ../bundle >/dev/null; cd ../bundle/rootfs
    rm -r gone etc/a lib; mkdir lib; put lib/y; put etc/b changed; ln two three; mkfifo etc/pipe; chmod 700 usr/lib; setfattr -n user.new -v x one
    mknod -m 600 null c 1 3; put naïve; chown 70000:70001 naïve
    umoci repack --image "$layout:image" ../../bundle >/dev/null; cd ../../tree
    umoci insert --image "$layout:image" --whiteout /one; umoci insert --image "$layout:image" --opaque "$folder/bundle/rootfs/etc" /usr`,
  ),
  image(
    'layers made by buildah',
    sh`
    here=$(realpath ..)
    buildah() { command buildah --root $here/root --runroot $here/run --storage-driver vfs "$@"; }
    put a/x; put b/y; ln -s a l; put c; ln c d; printf 'FROM scratch\nCOPY a /srv/a\nCOPY b /srv/b\nCOPY --chown=12:13 c d l /srv/\nLABEL x=y\n' >Containerfile
    buildah build -q --layers --isolation chroot --tag first . >/dev/null
    container=$(buildah from first); folder=$(buildah mount $container)
    rm -r $folder/srv/a $folder/srv/c; mkdir $folder/srv/c; mkfifo $folder/srv/c/pipe; chmod 2711 $folder/srv/b
    buildah umount $container >/dev/null; buildah commit -q $container second >/dev/null; rm -r -- *
    buildah push -q second "oci:$layout:image"; buildah rm $container >/dev/null; buildah rmi -a >/dev/null`,
  ),
  image(
    'annotations, and a whole configuration',
    sh`
    ${something}
    umoci config --image "$layout:image" --manifest.annotation org.example.note='ünï "quoted"' --config.env 'A=b c=d' --config.env PATH=/bin \
      --config.cmd sh --config.cmd -c --config.entrypoint /bin/tool --config.workingdir /srv --config.user 12:34 --config.label l=m \
      --config.exposedports 80/tcp --config.volume /data --config.stopsignal SIGINT --author me --created 2001-02-03T04:05:06Z \
      --history.created_by test --history.comment none`,
  ),
  image(
    'layers of gzip with several members',
    something,
    recompressed(
      ['split -b 7000 --filter="gzip -9"', mediaTypes.layerGzip],
      // An empty member at both ends, and one with a name and a comment in its header.
      ['cat >x; gzip </dev/null; gzip -1 -N x -c; gzip </dev/null; rm x', mediaTypes.layerGzip],
    ),
  ),
  image('layers of zstd', something, layout =>
    shell(
      sh`umoci tag --image "$layout:image" twin; ${toZstd}
      toZstd "$layout:twin" "$layout:image"`,
      { layout },
    ),
  ),
  image(
    'layers of zstd with several frames',
    something,
    recompressed(
      ['split -b 7000 --filter="zstd -q"', mediaTypes.layerZstd],
      // A frame that is to be skipped, one without its size or checksum, and one for which a reader needs a large window.
      [
        sh`printf '\x50\x2a\x4d\x18\x04\x00\x00\x00skip'; zstd -q --no-check; printf '\x5f\x2a\x4d\x18\x00\x00\x00\x00'`,
        mediaTypes.layerZstd,
      ],
      ['zstd -q --ultra -22 --long=27', mediaTypes.layerZstd],
    ),
  ),
  image(
    'layers uncompressed, and each in another way',
    something,
    recompressed(['cat', mediaTypes.layer], ['zstd -q -19', mediaTypes.layerZstd], ['gzip -1', mediaTypes.layerGzip]),
  ),
  image('Docker schema 2', something, layout => {
    shell('skopeo copy -q --format v2s2 "oci:$layout:image" "dir:$layout.dir"', { layout });
    fromDir(layout, `${layout}.dir`);
    rmSync(`${layout}.dir`, { recursive: true });
  }),
  ...(['oci', 'v2s2'] as const).map(format =>
    image(
      `several platforms and variants, ${format}`,
      sh`
    here=$(realpath ..)
    buildah() { command buildah --root $here/root --runroot $here/run --storage-driver vfs "$@"; }
    put base; layer; buildah manifest create all >/dev/null; mine=amd64:; [ $(uname -m) != aarch64 ] || mine=arm64:v8
    for each in arm:v6 arm:v7 arm64:v8 amd64: amd64:v3 386: s390x:; do
      architecture=${'$'}{each%:*}; umoci tag --image "$layout:image" $architecture
      put $each; pack ../layer.tar $each; umoci raw add-layer --image "$layout:$architecture" ../layer.tar; rm $each
      umoci config --image "$layout:$architecture" --architecture $architecture --os linux
      skopeo copy -q "oci:$layout:$architecture" "oci:$here/${'$'}{each/:/-}"
      buildah manifest add --os linux --arch $architecture --variant "${'$'}{each#*:}" all "oci:$here/${'$'}{each/:/-}" >/dev/null
      [ $each != $mine ] || umoci tag --image "$layout:$architecture" mine
    done
    buildah manifest push -q --all --format ${format} all "dir:$layout.dir"
    umoci rm --image "$layout:image"; umoci tag --image "$layout:mine" image`,
      layout => {
        fromDir(layout, `${layout}.dir`);
        rmSync(`${layout}.dir`, { recursive: true });
      },
    ),
  ),
];
