"""Which parts of Python's library the question–answer set is about, as data: modules that most users meet, and names they meet first.

Names only. A name that this interpreter does not have, or whose documentation gives no clean sentence, is passed over.
"""

from __future__ import annotations


def _names(text: str) -> tuple[str, ...]:
    return tuple(text.split())


MODULES: tuple[str, ...] = _names(
    """
    builtins json os os.path math re itertools functools collections random statistics shutil textwrap heapq bisect string time
    datetime pathlib sys csv copy glob fnmatch tempfile operator calendar decimal fractions enum dataclasses contextlib inspect
    subprocess threading queue socket urllib.parse urllib.request logging hashlib hmac secrets base64 uuid struct gzip bz2 zlib zipfile
    tarfile pprint platform getpass difflib array codecs gc io ipaddress linecache locale mimetypes pickle sched select shlex signal ssl
    stat timeit tokenize traceback types unicodedata unittest warnings wave weakref webbrowser configparser argparse asyncio abc atexit
    cmath colorsys filecmp fileinput getopt html html.parser http http.client keyword numbers selectors sqlite3 typing zoneinfo
    email.message logging.handlers concurrent.futures multiprocessing xml.etree.ElementTree
    """
)

FIRST: tuple[str, ...] = _names(
    """
    json.dumps json.loads json.dump json.load
    len print sorted abs sum min max any all map filter round open input isinstance issubclass callable setattr hasattr id hash repr
    iter next reversed ord bin hex eval
    os os.listdir os.getcwd os.chdir os.remove os.rename os.getenv os.getpid os.kill os.urandom os.system os.symlink os.scandir
    os.path.join os.path.exists os.path.isdir os.path.isfile os.path.basename os.path.dirname os.path.abspath os.path.getsize
    os.path.splitext
    math.sqrt math.floor math.ceil math.sin math.cos math.exp math.log math.degrees math.radians math.isclose math.fsum math.prod
    math.dist
    re re.compile re.findall re.escape re.Pattern
    itertools itertools.cycle itertools.permutations itertools.combinations itertools.product itertools.accumulate itertools.groupby
    functools.cache functools.total_ordering functools.update_wrapper
    collections.Counter collections.OrderedDict collections.deque collections.ChainMap collections.namedtuple
    collections.deque.appendleft collections.deque.popleft
    random.choice random.choices random.sample random.shuffle random.seed
    statistics.mean statistics.median statistics.mode statistics.stdev statistics.variance statistics.harmonic_mean
    shutil shutil.copy2 shutil.copyfile shutil.copytree shutil.move shutil.rmtree shutil.disk_usage shutil.make_archive
    textwrap textwrap.wrap textwrap.fill textwrap.dedent textwrap.shorten
    heapq heapq.heappush heapq.heappop heapq.merge heapq.nlargest heapq.nsmallest
    bisect.bisect_left bisect.insort string time.time time.sleep time.strftime time.strptime time.monotonic time.ctime
    datetime.timedelta datetime.date.isoformat datetime.date.weekday datetime.datetime.timestamp datetime.timedelta.total_seconds
    pathlib.Path.exists pathlib.Path.mkdir pathlib.Path.read_text pathlib.Path.write_text pathlib.Path.iterdir pathlib.Path.unlink
    str.join str.strip str.lower str.upper str.replace str.title str.isdigit str.partition str.encode str.capitalize str.swapcase
    list.append list.extend list.insert list.pop list.remove list.sort dict.get dict.popitem
    set.add set.union set.intersection set.difference set.discard set.issubset
    copy.copy copy.deepcopy glob.glob fnmatch.filter tempfile.mkdtemp subprocess.run threading.Lock queue.Queue queue.PriorityQueue
    secrets.token_hex base64.b64encode base64.b64decode uuid.uuid4 gzip.compress gzip.decompress zipfile.ZipFile pprint.pformat
    getpass.getpass calendar.isleap contextlib.suppress dataclasses.fields
    inspect.getsource inspect.signature gc.collect sys.exit sys.getsizeof
    """
)
