// Contexts that Buildah and ours are given both: what each is about is in its name. A value is a file's text, `-> x` a link to x, null a
// folder, `= x` a second name of x.
// biome-ignore-all lint/suspicious/noTemplateCurlyInString: a Containerfile's variables look like that.

export interface Case {
  files: Record<string, string | null>;
  containerfile: string;
  args?: Record<string, string>;
  target?: string;
  /** What the files of a tar archive in the context are: the archive's name → its files, by owner 7:8. */
  archives?: Record<string, Record<string, string | null>>;
}

export const cases: Record<string, Case> = {
  'several stages': {
    files: { 'a.txt': 'a\n' },
    containerfile: `
      FROM base AS first
      COPY a.txt /made/
      RUN echo b > /made/b && ln /made/b /made/c && chmod 4711 /made/b
      FROM base
      RUN echo second > /second
      FROM base
      COPY --from=first /made /from/first
      COPY --from=1 /second /from/
      COPY --from=base /etc/hostname /from/base`,
  },
  'arguments and where they hold': {
    files: {},
    args: { GIVEN: 'from outside', LATE: 'late' },
    containerfile: `
      ARG NAME=base
      ARG GLOBAL=g
      FROM \${NAME}
      ARG GLOBAL
      ARG GIVEN=default
      ARG OTHER=\${GIVEN}-\${GLOBAL}
      ENV KEPT=$OTHER
      RUN echo "$GLOBAL|$GIVEN|$OTHER|$LATE|$NAME" > /args
      ARG LATE
      RUN echo "$LATE" > /late
      ENV GIVEN=env
      RUN echo "$GIVEN" > /env`,
  },
  'variables in every form': {
    files: { 'x y': 'blank\n', 'app.conf': 'conf\n' },
    containerfile: String.raw`
      FROM base
      ENV A=1 B="two words" C='$A' D=a\ b E=$A$B
      ENV OLD some value with blanks
      ENV F=\${A} G="\$A" H=\"q\" I="x\"y"
      ENV M=${'${A:-no}'} N=${'${NONE:-yes}'} O=${'${A:+set}'} P=${'${NONE:+set}'} Q=${'${NONE:-${A}}'}
      WORKDIR /w/$A
      COPY app.conf /etc/${'${A}'}-${'${NONE:-z}'}.conf
      LABEL a=$A "b c"="$B" d='e f'
      RUN env | grep -v -e ^HOME -e ^HOSTNAME -e ^SHLVL -e ^_ -e ^PWD -e ^TERM -e ^container -e ^BUILDAH | sort > /env
      EXPOSE 80${'${A}'}
      USER ${'${A}'}
      STOPSIGNAL SIG${'${NONE:-TERM}'}`,
  },
  'COPY in its forms': {
    files: {
      ...{ 'one.txt': '1\n', 'two.txt': '2\n', 'three.md': '3\n', 'dir/in': 'in\n', 'dir/sub/deep': 'deep\n' },
      ...{ 'dir/link': '-> in', 'dir/out': '-> /etc/hostname', 'dir/again': '= dir/in', 'dir/empty': null },
      ...{
        'with blank': 'blank\n',
        'lnk.txt': '-> one.txt',
        'b[1].txt': 'brackets\n',
        'dirs/1/f': '1\n',
        'dirs/2/g': '2\n',
      },
    },
    containerfile: `
      FROM base
      COPY one.txt /renamed
      COPY one.txt two.txt /folder/
      COPY *.md /md/
      COPY t?o.txt [a-o]ne.txt /q/
      COPY dir /dir
      COPY dir/ /dir2/
      COPY dirs/* /merged/
      COPY ["with blank", "/with blank too"]
      COPY lnk.txt /link-followed
      COPY one.txt /etc
      COPY ./one.txt ./dir/../two.txt /dots/
      WORKDIR /work
      COPY one.txt .
      COPY two.txt ./sub/
      COPY --chown=5:6 dir /chown
      COPY --chown=nobody one.txt /chown/named
      COPY --chown=nobody:tty --chmod=4755 two.txt /chown/mode
      COPY . /all/`,
  },
  'what .dockerignore leaves out': {
    files: {
      ...{ keep: 'k\n', 'a.log': 'l\n', 'sub/b.log': 'l\n', 'sub/c': 'c\n', 'node_modules/x/y': 'y\n' },
      ...{ 'docs/a.md': 'a\n', 'docs/README.md': 'r\n', 'deep/er/secret': 's\n', 'deep/er/public': 'p\n' },
      '.dockerignore': '# comment\n*.log\nnode_modules\ndocs/*.md\n!docs/README.md\n**/secret\n/sub/c\n',
    },
    containerfile: `
      FROM base
      COPY . /ctx
      COPY docs /docs
      COPY deep/er /er`,
  },
  'ADD of archives': {
    files: { 'plain.txt': 'p\n', 'not.tar': 'only its name is one\n' },
    archives: {
      'a.tar': { f: 'f\n', 'd/g': 'g\n', 'd/l': '-> g', 'd/h': '= f' },
      'b.tar.gz': { x: 'x\n' },
      'c.tar.xz': { y: 'y\n' },
    },
    containerfile: `
      FROM base
      ADD a.tar /one
      ADD a.tar b.tar.gz /two/
      ADD c.tar.xz /three/
      ADD plain.txt not.tar /four/
      COPY a.tar /five/`,
  },
  'users and working folders': {
    files: { f: 'f\n' },
    containerfile: `
      FROM base
      RUN echo 'app:x:1000:1000::/home/app:/bin/sh' >> /etc/passwd && echo 'app:x:1000:' >> /etc/group && echo 'more:x:44:app' >> /etc/group
      RUN mkdir -p /home/app /open && chmod 777 /open && chown app:app /home/app
      WORKDIR /made/by/workdir
      USER app
      WORKDIR relative
      RUN for id in $(id -u) $(id -G); do echo $id; done | sort -u > /open/id && pwd > /open/pwd && echo $HOME > /open/home
      COPY f /open/copied
      USER 1000:44
      RUN id -u > /open/n && id -g >> /open/n
      USER 4321
      RUN id -u > /open/unknown
      USER root
      RUN touch /root-again`,
  },
  'commands and entry points': {
    files: {},
    containerfile: `
      FROM base AS one
      ENTRYPOINT ["/bin/echo"]
      FROM base AS two
      CMD echo in a shell
      ENTRYPOINT ["/bin/sh", "-c"]
      FROM two AS three
      ENTRYPOINT exec top
      FROM base
      COPY --from=one /etc/hostname /1
      COPY --from=three /etc/hostname /3
      ENTRYPOINT ["/bin/echo", "a \\"quoted\\" word"]
      CMD ["b", "c"]`,
  },
  'an entry point takes the base’s command away': {
    files: {},
    containerfile: `
      FROM base
      ENTRYPOINT ["/bin/echo"]`,
  },
  'what is only said': {
    files: {},
    containerfile: `
      # syntax=docker/dockerfile:1
      FROM base
      # a comment
      LABEL one=1 \\
            # in the middle
            two="2 2"

      LABEL org.example.three three
      EXPOSE 80 53/udp
      EXPOSE 8000/tcp
      VOLUME /data
      VOLUME ["/v 1", "/v2"]
      STOPSIGNAL SIGUSR1
      MAINTAINER Somebody <some@body>
      CMD ["/bin/true"]`,
  },
  'things removed and replaced': {
    files: { 'tree/a': 'a\n', 'tree/b/c': 'c\n', 'tree/b/d': 'd\n', 'tree/e': '-> a' },
    containerfile: `
      FROM base
      COPY tree /tree
      RUN rm /tree/a && rm -r /tree/b && mkdir /tree/b && echo new > /tree/b/new
      COPY tree/a /tree/b/again
      RUN rm -r /tree/b && echo a file now > /tree/b && rm /tree/e && mkdir /tree/e && ln -s ../b /tree/e/up
      RUN mkfifo /tree/fifo && chmod 1777 /tree/e && chown 5:6 /tree/b && ln /tree/b /tree/hard && mv /etc/profile /etc/moved
      RUN true
      RUN rm -r /tree/e /home && mkdir -p /home/sub && chmod 6755 /bin/busybox`,
  },
  'targets that are links': {
    files: { f: 'f\n', 'd/g': 'g\n' },
    containerfile: `
      FROM base
      RUN mkdir -p /real/inner /old && ln -s real /link && ln -s /real/inner /abs && ln -s ../../../../real /up && echo x > /old/x && ln -s /old/x /filelink
      COPY f /link/
      COPY f /abs/by-abs
      COPY f /up/by-up
      COPY d /link
      COPY f /abs
      COPY f /filelink
      WORKDIR /link/inner
      COPY f here`,
  },
};
