"""What Python's zipfile and gzip read in the archives of the tests: size and SHA-256 of each member. Run from this folder."""
import gzip, hashlib, json, pathlib, struct, zipfile, zlib

here = pathlib.Path(__file__).parent
corpus = here / "../../../../fixtures/corpus"
archives = [*sorted(corpus.glob("*/*.zip")), *sorted((here / "../yauzl/success").glob("*.zip"))]
golden = {}
for path in archives:
    members = {}
    with zipfile.ZipFile(path) as archive:
        for info in archive.infolist():
            if not info.filename:  # zipfile does not read the Unicode path field; the test says what the name is
                continue
            if info.is_dir() or info.flag_bits & 1:
                continue
            try:
                content = archive.read(info)
            except NotImplementedError:  # a compression method that it does not know
                continue
            except zipfile.BadZipFile:  # a name with a backslash: not the same in directory and header
                bytes_ = path.read_bytes()
                name, extra = struct.unpack_from("<HH", bytes_, info.header_offset + 26)
                start = info.header_offset + 30 + name + extra
                packed = bytes_[start : start + info.compress_size]
                content = zlib.decompress(packed, -15) if info.compress_type == 8 else packed
            members[info.filename.replace("\\", "/")] = [len(content), hashlib.sha256(content).hexdigest()]
    golden[path.name] = members
for path in sorted(corpus.glob("*/*.gz")):
    content = gzip.open(path).read()
    golden[path.name] = {"": [len(content), hashlib.sha256(content).hexdigest()]}
(here / "members.json").write_text(json.dumps(golden, ensure_ascii=False, indent=1) + "\n")
