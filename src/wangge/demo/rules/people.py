"""Made-up people: names only, drawn from common family and given names; whoever bears one is meant by nobody. Pure."""

from random import Random

FAMILY = "王李张刘陈杨赵黄周吴徐孙胡朱高林何郭马罗梁宋郑谢韩唐冯于董萧程曹袁邓许傅沈曾彭吕苏卢蒋蔡贾丁魏薛叶阎余潘杜戴夏钟汪田任姜范方石姚谭廖邹熊金陆郝孔白崔康毛邱秦江史顾侯邵孟龙万段"
GIVEN_FIRST = "建志海文玉春秀国晓明永俊雪佳宏丽思云振学庆德立兴家新金世"
GIVEN_LAST = "军华平波宇涛芳敏静强磊洋艳勇杰娟霞刚英梅玲鹏飞超慧林东辉峰燕琴兰萍"


def person_name(rng: Random) -> str:
    """A family name and one or two characters."""
    first = rng.choice(GIVEN_FIRST) if rng.random() < 0.72 else ""
    return rng.choice(FAMILY) + first + rng.choice(GIVEN_LAST)
